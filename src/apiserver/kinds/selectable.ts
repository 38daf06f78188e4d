import type { KubeObject } from "#machinery";
import type { ResourceDefinition } from "./definition.ts";

type Fields = ResourceDefinition["selectableFields"];

/** The value at a path as a field selector compares it: text, and empty where absent. */
const at =
  (...path: readonly string[]) =>
  (object: KubeObject): string => {
    const value = path.reduce<unknown>(
      (node, name) => (node as Readonly<Record<string, unknown>> | undefined)?.[name],
      object,
    );
    return value === undefined || value === null ? "" : String(value);
  };

/** A label that is the path itself. */
const paths = (...labels: readonly string[]): Fields =>
  Object.fromEntries(labels.map((label) => [label, at(...label.split("."))]));

const eventFields = (object: string): Fields => ({
  ...Object.fromEntries(
    ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map((name) => [
      `${object}.${name}`,
      at("involvedObject", name),
    ]),
  ),
  reason: at("reason"),
  reportingComponent: (event) => at("reportingComponent")(event) || at("source", "component")(event),
  source: (event) => at("source", "component")(event) || at("reportingComponent")(event),
  type: at("type"),
});

const byResource: Readonly<Record<string, Fields>> = {
  "/events": eventFields("involvedObject"),
  "events.k8s.io/events": { ...eventFields("regarding"), reportingController: at("reportingComponent") },
  "/namespaces": { ...paths("status.phase"), name: at("metadata", "name") },
  "/nodes": paths("spec.unschedulable"),
  "/pods": paths(
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ),
  "/replicationcontrollers": paths("status.replicas"),
  "/secrets": paths("type"),
  "/services": paths("spec.clusterIP", "spec.type"),
  "apps/replicasets": paths("status.replicas"),
  "batch/jobs": { "status.successful": (job) => at("status", "succeeded")(job) || "0" },
  "certificates.k8s.io/certificatesigningrequests": paths("spec.signerName"),
  "resource.k8s.io/resourceslices": paths("spec.nodeName", "spec.driver"),
};

export function selectableFieldsFor(group: string, resource: string): { readonly selectableFields: Fields } {
  return { selectableFields: byResource[`${group}/${resource}`] ?? {} };
}
