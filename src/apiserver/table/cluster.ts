import type { KubeObject } from "#machinery";
import { ageOf, humanDuration } from "./duration.ts";
import { column, type KindColumns, table } from "./kind-columns.ts";
import { at, conditionOf, listAt, numberAt, objectAt, orNone, textAt } from "./reading.ts";

const age = (object: KubeObject, nowMs: number): string => ageOf(object.metadata.creationTimestamp, nowMs);

function nodeStatus(node: KubeObject): string {
  const ready = conditionOf(node, "Ready");
  const words = [ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady"];
  if (at(node, "spec", "unschedulable") === true) words.push("SchedulingDisabled");
  return words.join(",");
}

const rolePrefix = "node-role.kubernetes.io/";

function nodeRoles(node: KubeObject): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([name, value]) => {
    if (name.startsWith(rolePrefix) && name !== rolePrefix) return [name.slice(rolePrefix.length)];
    return name === "kubernetes.io/role" && value !== "" ? [value] : [];
  });
  return orNone([...new Set(roles)].sort().join(","));
}

function nodeAddress(node: KubeObject, type: string): string {
  return orNone(
    textAt(
      listAt(node, "status", "addresses").find((one) => textAt(one, "type") === type),
      "address",
    ),
  );
}

const unknown = (text: string): string => (text === "" ? "<unknown>" : text);

function lastSeen(event: KubeObject, nowMs: number): string {
  const series = textAt(event, "series", "lastObservedTime");
  const last =
    series || textAt(event, "lastTimestamp") || textAt(event, "eventTime") || textAt(event, "firstTimestamp");
  return ageOf(last, nowMs);
}

function involved(event: KubeObject): string {
  const object = objectAt(event, "involvedObject");
  return `${textAt(object, "kind").toLowerCase()}/${textAt(object, "name")}`;
}

function eventSource(event: KubeObject): string {
  const component = textAt(event, "source", "component") || textAt(event, "reportingComponent");
  const host = textAt(event, "source", "host") || textAt(event, "reportingInstance");
  return textAt(event, "source", "component") === "" && component !== "" && host !== ""
    ? `${component}, ${host}`
    : [component, textAt(event, "source", "host")].filter((part) => part !== "").join(", ");
}

function eventCount(event: KubeObject): number {
  return at(event, "series", "count") === undefined
    ? Math.max(numberAt(event, "count"), 1)
    : numberAt(event, "series", "count");
}

/** Events have no name column in front. */
export const eventColumns: KindColumns = {
  columns: [
    "Last Seen",
    "Type",
    "Reason",
    "Object",
    "[Subobject]",
    "[Source]",
    "Message",
    "[First Seen]",
    "[Count:integer]",
    "[Name]",
  ].map(column),
  cells: (event, nowMs) => [
    lastSeen(event, nowMs),
    textAt(event, "type"),
    textAt(event, "reason"),
    involved(event),
    textAt(event, "involvedObject", "fieldPath"),
    eventSource(event),
    textAt(event, "message").trim(),
    ageOf(textAt(event, "firstTimestamp") || textAt(event, "eventTime"), nowMs),
    eventCount(event),
    event.metadata.name ?? "",
  ],
};

/** Requests and limits apart, each `name: used/hard`. */
function quotaCells(quota: KubeObject): readonly [string, string] {
  const used = objectAt(quota, "status", "used");
  const entries = Object.entries(objectAt(quota, "status", "hard")).sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = entries.map(([name, hard]) => [name, `${name}: ${used[name] ?? 0}/${hard}`] as const);
  const joined = (limits: boolean): string =>
    texts.flatMap(([name, text]) => (name.startsWith("limits.") === limits ? [text] : [])).join(", ");
  return [joined(false), joined(true)];
}

function subjects(binding: KubeObject, kind: string): string {
  const found = listAt(binding, "subjects").filter((subject) => textAt(subject, "kind") === kind);
  const names = found.map((one) =>
    kind === "ServiceAccount" ? `${textAt(one, "namespace")}/${textAt(one, "name")}` : textAt(one, "name"),
  );
  return names.join(", ");
}

export const bindingColumns: KindColumns = table("Role|Age|[Users]|[Groups]|[ServiceAccounts]", (binding, nowMs) => [
  `${textAt(binding, "roleRef", "kind")}/${textAt(binding, "roleRef", "name")}`,
  age(binding, nowMs),
  subjects(binding, "User"),
  subjects(binding, "Group"),
  subjects(binding, "ServiceAccount"),
]);

const dataCount = (object: KubeObject): number =>
  Object.keys(objectAt(object, "data")).length + Object.keys(objectAt(object, "binaryData")).length;

function requestCondition(request: KubeObject): string {
  const conditions = listAt(request, "status", "conditions").map((one) => textAt(one, "type"));
  const first = ["Denied", "Approved"].find((type) => conditions.includes(type)) ?? "Pending";
  const failed = conditions.includes("Failed") ? [",Failed"] : [];
  return [first, ...failed, ...(textAt(request, "status", "certificate") === "" ? [] : [",Issued"])].join("");
}

const orUnavailable = (value: unknown): string => (value === undefined ? "N/A" : String(value));

export const clusterColumns: Readonly<Record<string, KindColumns>> = {
  "/configmaps": table("Data|Age", (object, nowMs) => [dataCount(object), age(object, nowMs)]),
  "/secrets": table("Type|Data|Age", (object, nowMs) => [
    textAt(object, "type"),
    dataCount(object),
    age(object, nowMs),
  ]),
  "/serviceaccounts": table("Age", (object, nowMs) => [age(object, nowMs)]),
  "/namespaces": table("Status|Age", (object, nowMs) => [textAt(object, "status", "phase"), age(object, nowMs)]),
  "/resourcequotas": table("Request|Limit|Age", (object, nowMs) => [...quotaCells(object), age(object, nowMs)]),
  "/componentstatuses": table("Status|Message|Error", () => ["Unknown", "", ""]),
  "/nodes": table(
    "Status|Roles|Age|Version|[Internal-IP]|[External-IP]|[OS-Image]|[Kernel-Version]|[Container-Runtime]",
    (node, nowMs) => [
      nodeStatus(node),
      nodeRoles(node),
      age(node, nowMs),
      textAt(node, "status", "nodeInfo", "kubeletVersion"),
      nodeAddress(node, "InternalIP"),
      nodeAddress(node, "ExternalIP"),
      ...["osImage", "kernelVersion", "containerRuntimeVersion"].map((field) =>
        unknown(textAt(node, "status", "nodeInfo", field)),
      ),
    ],
  ),
  "coordination.k8s.io/leases": table("Holder|Age", (object, nowMs) => [
    textAt(object, "spec", "holderIdentity"),
    age(object, nowMs),
  ]),
  "policy/poddisruptionbudgets": table(
    "Min Available|Max Unavailable|Allowed Disruptions:integer|Age",
    (object, nowMs) => [
      orUnavailable(at(object, "spec", "minAvailable")),
      orUnavailable(at(object, "spec", "maxUnavailable")),
      numberAt(object, "status", "disruptionsAllowed"),
      age(object, nowMs),
    ],
  ),
  "scheduling.k8s.io/priorityclasses": table(
    "Value:integer|Global-Default:boolean|Age|PreemptionPolicy",
    (object, nowMs) => [
      numberAt(object, "value"),
      at(object, "globalDefault") === true,
      age(object, nowMs),
      textAt(object, "preemptionPolicy"),
    ],
  ),
  "node.k8s.io/runtimeclasses": table("Handler|Age", (object, nowMs) => [
    textAt(object, "handler"),
    age(object, nowMs),
  ]),
  "certificates.k8s.io/certificatesigningrequests": table(
    "Age|SignerName|Requestor|RequestedDuration|Condition",
    (object, nowMs) => [
      age(object, nowMs),
      orNone(textAt(object, "spec", "signerName")),
      textAt(object, "spec", "username"),
      at(object, "spec", "expirationSeconds") === undefined
        ? "<none>"
        : humanDuration(numberAt(object, "spec", "expirationSeconds") * 1000),
      requestCondition(object),
    ],
  ),
  "admissionregistration.k8s.io/mutatingwebhookconfigurations": table("Webhooks:integer|Age", (object, nowMs) => [
    listAt(object, "webhooks").length,
    age(object, nowMs),
  ]),
  "admissionregistration.k8s.io/validatingwebhookconfigurations": table("Webhooks:integer|Age", (object, nowMs) => [
    listAt(object, "webhooks").length,
    age(object, nowMs),
  ]),
  "apiregistration.k8s.io/apiservices": table("Service|Available|Age", (object, nowMs) => {
    const service = at(object, "spec", "service");
    const available = conditionOf(object, "Available");
    return [
      service === undefined ? "Local" : `${textAt(service, "namespace")}/${textAt(service, "name")}`,
      available === undefined
        ? "Unknown"
        : available.status === "True"
          ? "True"
          : `${available.status} (${available.reason})`,
      age(object, nowMs),
    ];
  }),
  "flowcontrol.apiserver.k8s.io/flowschemas": table(
    "PriorityLevel|MatchingPrecedence:integer|DistinguisherMethod|Age|MissingPL",
    (object, nowMs) => [
      textAt(object, "spec", "priorityLevelConfiguration", "name"),
      numberAt(object, "spec", "matchingPrecedence"),
      orNone(textAt(object, "spec", "distinguisherMethod", "type")),
      age(object, nowMs),
      String(conditionOf(object, "Dangling")?.status ?? "?"),
    ],
  ),
};
