import { annotation } from "#api";
import { podTemplatePathOf } from "#interpreter";
import { gvkOf, type KubeObject, numberAt, refText } from "#machinery";
import type { ApplyMode, GuardFinding, GuardMode } from "./contract.ts";
import type { Change } from "./merge.ts";
import { shownValue } from "./shown.ts";

const isBelow = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}.`);

/** A CronJob's template is that of Pods to come: changing it stops nothing that runs. */
function replacesPods(live: KubeObject, change: Change): boolean {
  const template = podTemplatePathOf(gvkOf(live));
  if (template === undefined || live.kind === "CronJob") return false;
  return isBelow(change.place.schema, template.length === 0 ? "spec" : template.join("."));
}

const lowers = ({ live, wanted }: Change): boolean => Number(wanted ?? 1) < Number(live ?? 1);

function removesPods(live: KubeObject, change: Change): boolean {
  const { schema } = change.place;
  if (schema === "spec.replicas") return lowers(change);
  if (live.kind === "Job")
    return (schema === "spec.parallelism" && lowers(change)) || (schema === "spec.suspend" && change.wanted === true);
  if (live.kind !== "HorizontalPodAutoscaler" || schema !== "spec.maxReplicas") return false;
  return Number(change.wanted) < numberAt(live, ["status", "currentReplicas"]);
}

/** The changes that would stop or replace Pods which run now. */
export function guardFindings(live: KubeObject, changes: readonly Change[]): readonly GuardFinding[] {
  return changes.flatMap((change): readonly GuardFinding[] => {
    const effect = replacesPods(live, change) ? "PodsReplaced" : removesPods(live, change) ? "PodsRemoved" : undefined;
    if (effect === undefined) return [];
    const { place } = change;
    return [
      {
        field: place.shown,
        live: shownValue(live.kind, place, change.live),
        wanted: shownValue(live.kind, place, change.wanted),
        effect,
      },
    ];
  });
}

export const findingText = ({ field, live, wanted }: GuardFinding): string =>
  `${field} is ${live} in the cluster and ${wanted} in the template`;

/** What the takeover would do, and how to allow it. */
export const guardMessage = (live: KubeObject, cluster: string, findings: readonly GuardFinding[]): string =>
  `taking over ${refText(live)} in cluster ${cluster} would ${effectText(findings, "replace", "remove")}. Make the template equal to the cluster, or allow it with annotation ${annotation.takeoverGuard}: "off" on the template or its policy`;

/** What a takeover did that the guard would have refused. */
export const guardWarning = (live: KubeObject, cluster: string, findings: readonly GuardFinding[]): string =>
  `taking over ${refText(live)} in cluster ${cluster} ${effectText(findings, "replaced", "removed")}. The takeover guard is set to warn`;

function effectText(findings: readonly GuardFinding[], replace: string, remove: string): string {
  const verb = findings.some(({ effect }) => effect === "PodsReplaced") ? replace : remove;
  const shown = findings.slice(0, 5).map(findingText).join("; ");
  const more = findings.length > 5 ? `; and ${findings.length - 5} more` : "";
  return `${verb} running Pods: ${shown}${more}`;
}

/** The first word on it, from the most to the least specific object; the hub's setting where none says anything. */
export function guardModeOf(objects: readonly (KubeObject | undefined)[], otherwise: GuardMode): GuardMode {
  const modes = objects.map((object) => object?.metadata.annotations?.[annotation.takeoverGuard]);
  return modes.find((mode): mode is GuardMode => mode === "refuse" || mode === "warn" || mode === "off") ?? otherwise;
}

/** The same for how fields that only the member has are treated. */
export function applyModeOf(objects: readonly (KubeObject | undefined)[]): ApplyMode {
  const modes = objects.map((object) => object?.metadata.annotations?.[annotation.applyMode]);
  return modes.find((mode): mode is ApplyMode => mode === "Merge" || mode === "Replace") ?? "Merge";
}
