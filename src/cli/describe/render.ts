import { label } from "#api";
import { selectorPriority } from "#api/policy";
import { type Condition, findCondition, type KubeObject, keyOf } from "#machinery";
import { formatColumns } from "../print/columns.ts";
import type { Chain, KubeEvent, MemberLink } from "./chain.ts";
import { timeOf } from "./gather.ts";
import { isDependency, verdictOn } from "./verdict.ts";

/** The chain as a person reads it: verdict first, then each link, then what happened. */
export function renderChain(chain: Chain): string {
  const { template } = chain;
  const verdict = verdictOn(chain);
  return [
    fields([
      ["Name", template.metadata.name ?? ""],
      ...(template.metadata.namespace === undefined ? [] : ([["Namespace", template.metadata.namespace]] as const)),
      ["Kind", `${template.apiVersion} ${template.kind}`],
      ["Verdict", verdict.text],
      ...(verdict.next === undefined ? [] : ([["Next step", verdict.next]] as const)),
      ["Policy", policyText(chain)],
      ["Binding", bindingText(chain)],
    ]),
    chain.binding === undefined ? "" : conditionsTable(chain.binding, ["Scheduled", "FullyApplied"]),
    membersTable(chain.members),
    messages(chain.members),
    eventsTable(chain.events),
  ].join("");
}

function policyText({ template, claim, policy, binding }: Chain): string {
  if (policy !== undefined) {
    const matched = ["nothing of it any more", "kind", "kind and labels", "name"];
    const precision = selectorPriority(policy.spec.resourceSelectors, template);
    return `${policy.kind} ${keyOf(policy)} (matched by ${matched[precision]}, priority ${policy.spec.priority ?? 0})`;
  }
  if (claim !== undefined) return `${claim.kind} ${claim.namespace ?? ""}/${claim.name} (does not exist)`;
  const by = (binding?.spec.requiredBy ?? []).map((snapshot) => `${snapshot.namespace ?? ""}/${snapshot.name}`);
  return by.length === 0 ? "none" : `none of its own; propagated as a dependency of ${by.join(", ")}`;
}

function bindingText({ binding }: Chain): string {
  if (binding === undefined) return "none";
  const details = [
    binding.spec.conflictResolution === undefined ? undefined : `conflictResolution ${binding.spec.conflictResolution}`,
    binding.spec.preserveResourcesOnDeletion === true
      ? "preserved in members on deletion"
      : "deleted from members on deletion",
    isDependency(binding) ? "a dependency" : undefined,
  ];
  return `${binding.kind} ${keyOf(binding)} (${details.filter((text) => text !== undefined).join(", ")})`;
}

/** `Name:      value` lines, values under each other. */
export function fields(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(9, ...pairs.map(([name]) => name.length)) + 3;
  return pairs.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}\n`).join("");
}

const indented = (rows: readonly (readonly string[])[]): string =>
  formatColumns(rows.map(([first = "", ...rest]) => [`  ${first}`, ...rest])).replace(/ +$/gm, "");

export function conditionsTable(
  object: KubeObject & { readonly status?: { readonly conditions?: readonly Condition[] } },
  types?: readonly string[],
): string {
  const conditions = object.status?.conditions ?? [];
  const shown = types ?? conditions.map((condition) => condition.type);
  if (shown.length === 0) return "";
  const rows = shown.map((type) => {
    const condition = findCondition(conditions, type);
    return [type, condition?.status ?? "-", condition?.reason ?? "", condition?.message ?? ""];
  });
  return `Conditions:\n${indented([["TYPE", "STATUS", "REASON", "MESSAGE"], ...rows])}`;
}

function membersTable(members: readonly MemberLink[]): string {
  if (members.length === 0) return "Clusters:   none\n";
  const rows = members.map((member) => [
    member.cluster,
    findCondition(member.clusterObject?.status?.conditions, "Ready")?.status ?? "-",
    member.work === undefined ? "none" : (findCondition(member.work.status?.conditions, "Applied")?.status ?? "-"),
    dispatchText(member),
    member.aggregated?.health ?? "-",
    member.adoption?.status?.state ?? "-",
    liveText(member),
  ]);
  return `Clusters:\n${indented([["CLUSTER", "READY", "APPLIED", "DISPATCH", "HEALTH", "ADOPTION", "MEMBER OBJECT"], ...rows])}`;
}

function dispatchText({ work }: MemberLink): string {
  if (work === undefined) return "-";
  const dispatching = findCondition(work.status?.conditions, "Dispatching");
  return work.spec.suspendDispatching === true || dispatching?.status === "False" ? "suspended" : "on";
}

function liveText({ live }: MemberLink): string {
  if (live.kind !== "present") return live.kind === "absent" ? "absent" : "unknown";
  const managed = live.object.metadata.labels?.[label.managed] === "true" ? "managed" : "not managed";
  return `present, ${managed}${readyText(live.object)}`;
}

function readyText(object: KubeObject): string {
  const status = object.status as { readonly replicas?: number; readonly readyReplicas?: number } | undefined;
  const wanted = (object.spec as { readonly replicas?: number } | undefined)?.replicas;
  return wanted === undefined ? "" : `, ${status?.readyReplicas ?? 0}/${wanted} ready`;
}

/** What each member said that does not fit a table. */
function messages(members: readonly MemberLink[]): string {
  const lines = members.flatMap((member) => {
    const applied = findCondition(member.work?.status?.conditions, "Applied");
    const unmanaged = member.adoption?.status?.unmanagedFields ?? [];
    return [
      ...(applied?.status === "False" ? [`  ${member.cluster}: ${applied.message}\n`] : []),
      ...(member.live.kind === "unknown" ? [`  ${member.cluster}: cannot look: ${member.live.why}\n`] : []),
      ...(unmanaged.length === 0 ? [] : [`  ${member.cluster}: left to the member: ${unmanaged.join(", ")}\n`]),
    ];
  });
  return lines.length === 0 ? "" : `Messages:\n${lines.join("")}`;
}

const shownEvents = 20;

export function eventsTable(events: readonly KubeEvent[]): string {
  if (events.length === 0) return "Events:     none\n";
  const rows = events
    .slice(-shownEvents)
    .map((event) => [
      timeOf(event),
      event.type ?? "",
      event.reason ?? "",
      `${event.involvedObject?.kind ?? ""} ${event.involvedObject?.namespace ?? ""}/${event.involvedObject?.name ?? ""}`,
      `${event.message ?? ""}${(event.count ?? 1) > 1 ? ` (x${event.count})` : ""}`.replace(/\s*\n\s*/g, " "),
    ]);
  return `Events:\n${indented([["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"], ...rows])}`;
}
