import { isJsonObject, type JsonObject } from "#base";
import type { KubeObject } from "#machinery";

/** Fields of an Event that are written even when they are empty. */
const emptyEvent = {
  eventTime: null,
  firstTimestamp: null,
  lastTimestamp: null,
  reportingComponent: "",
  reportingInstance: "",
  source: {},
};
const emptyNewEvent = { deprecatedFirstTimestamp: null, deprecatedLastTimestamp: null, deprecatedSource: {} };

type Defaults = (object: KubeObject) => KubeObject;

/** What the server adds to a kind's objects. Templates stay as they were written: no Pod spec is ever completed. */
export function defaultsFor(group: string, kind: string): Defaults {
  return (Object.hasOwn(byKind, `${group}/${kind}`) ? byKind[`${group}/${kind}`] : undefined) ?? ((object) => object);
}

const byKind: Readonly<Record<string, Defaults>> = {
  "/Event": (event) => ({ ...emptyEvent, ...event }),
  "events.k8s.io/Event": (event) => ({ ...emptyNewEvent, ...event }),
  "/Namespace": defaultNamespace,
  "/Secret": defaultSecret,
  "/ServiceAccount": defaultServiceAccount,
  "rbac.authorization.k8s.io/Role": withRules,
  "rbac.authorization.k8s.io/ClusterRole": withRules,
  "rbac.authorization.k8s.io/RoleBinding": defaultBinding,
  "rbac.authorization.k8s.io/ClusterRoleBinding": defaultBinding,
};

const nameLabel = "kubernetes.io/metadata.name";

function defaultNamespace(object: KubeObject): KubeObject {
  const { name, labels } = object.metadata;
  const spec = objectAt(object, "spec");
  const status = objectAt(object, "status");
  const named = name === undefined || name === "" || labels?.[nameLabel] === name;
  const deleting = object.metadata.deletionTimestamp !== undefined;
  const finalizers = spec.finalizers === undefined && !deleting ? { finalizers: ["kubernetes"] } : {};
  return {
    ...object,
    metadata: named ? object.metadata : { ...object.metadata, labels: { ...labels, [nameLabel]: name } },
    spec: { ...spec, ...finalizers },
    status: { ...status, phase: status.phase ?? "Active" },
  };
}

/** `stringData` is for writing only: it goes into `data`. */
function defaultSecret(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  const typed: KubeObject =
    rest.type === undefined || rest.type === "" ? { ...rest, type: "Opaque" } : (rest as KubeObject);
  if (!isJsonObject(stringData)) return typed;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString("base64")]);
  return { ...typed, data: { ...objectAt(object, "data"), ...Object.fromEntries(encoded) } };
}

/** Of its secrets a ServiceAccount keeps the names only. */
function defaultServiceAccount(object: KubeObject): KubeObject {
  if (!Array.isArray(object.secrets)) return object;
  const secrets = object.secrets.map((secret: unknown) =>
    isJsonObject(secret) && typeof secret.name === "string" ? { name: secret.name } : {},
  );
  return { ...object, secrets };
}

function withRules(object: KubeObject): KubeObject {
  return object.rules === undefined || isEmptyList(object.rules) ? { ...object, rules: null } : object;
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const rbacGroup = "rbac.authorization.k8s.io";

function defaultBinding(object: KubeObject): KubeObject {
  const role = objectAt(object, "roleRef");
  const roleRef = role.apiGroup === undefined || role.apiGroup === "" ? { ...role, apiGroup: rbacGroup } : role;
  if (!Array.isArray(object.subjects)) return { ...object, roleRef };
  return { ...object, roleRef, subjects: object.subjects.map(defaultSubject) };
}

function defaultSubject(subject: unknown): unknown {
  if (!isJsonObject(subject) || (subject.apiGroup !== undefined && subject.apiGroup !== "")) return subject;
  return subject.kind === "User" || subject.kind === "Group" ? { ...subject, apiGroup: rbacGroup } : subject;
}

function objectAt(object: KubeObject, field: string): JsonObject {
  const value = object[field];
  return isJsonObject(value) ? value : {};
}
