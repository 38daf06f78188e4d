import { badRequest, type KubeObject, matchesRequirements, parseFieldSelector, parseLabelSelector } from "#machinery";
import type { ResourceDefinition } from "../kinds/definition.ts";

/** Whether an object is meant by the selectors of a query. @throws StatusError 400 for selectors nobody can mean. */
export function selectionOf(definition: ResourceDefinition, query: URLSearchParams): (object: KubeObject) => boolean {
  const labels = parseLabelSelector(query.get("labelSelector") ?? "");
  const fields = parseFieldSelector(query.get("fieldSelector") ?? "").map((term) => {
    const read = fieldReader(definition, term.path);
    return (object: KubeObject) => (read(object) === term.value) === (term.operator === "=");
  });
  if (labels.length === 0 && fields.length === 0) return () => true;
  return (object) => matchesRequirements(labels, object.metadata.labels) && fields.every((matches) => matches(object));
}

export const hasSelection = (query: URLSearchParams): boolean =>
  (query.get("labelSelector") ?? "") !== "" || (query.get("fieldSelector") ?? "") !== "";

/** These say which fields they know; others only that they do not know this one. */
const tellKnown = new Set([
  "namespaces/secrets",
  "events",
  "nodes",
  "pods",
  "secrets",
  "namespaces",
  "replicationcontrollers",
]);

function fieldReader(definition: ResourceDefinition, path: string): (object: KubeObject) => string {
  if (path === "metadata.name") return (object) => object.metadata.name ?? "";
  if (path === "metadata.namespace") return (object) => object.metadata.namespace ?? "";
  const read = definition.selectableFields[path];
  if (read !== undefined) return read;
  const terse = definition.origin === "custom" || Object.keys(definition.selectableFields).length > 0;
  if (terse || tellKnown.has(definition.resource)) throw badRequest(`field label not supported: ${path}`);
  throw badRequest(`"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}
