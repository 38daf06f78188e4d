import { isJsonObject } from "#base";
import { fieldAt, type KubeObject, type LabelSelector, requirementsOf, StatusError, withField } from "#machinery";
import type { ResourceDefinition, ScalePaths } from "../kinds/definition.ts";

const pathOf = (path: string): readonly string[] => path.split(".").filter((part) => part !== "");

/** The Scale of an object. */
export function scaleOf(definition: ResourceDefinition, paths: ScalePaths, object: KubeObject): KubeObject {
  const replicas = fieldAt(object, pathOf(paths.specReplicasPath));
  if (replicas === undefined && definition.origin === "custom")
    throw new StatusError(
      500,
      "InternalError",
      `Internal error occurred: the spec replicas field "${paths.specReplicasPath}" does not exist`,
    );
  const selector =
    paths.labelSelectorPath === undefined ? "" : selectorText(fieldAt(object, pathOf(paths.labelSelectorPath)));
  const current = fieldAt(object, pathOf(paths.statusReplicasPath)) ?? 0;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const spec = replicas === undefined || (replicas === 0 && definition.origin === "builtin") ? {} : { replicas };
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec,
    status: { replicas: current, ...(selector === "" ? {} : { selector }) },
  };
}

/** The object with the replicas that a Scale asks for. */
export function withScale(paths: ScalePaths, object: KubeObject, scale: KubeObject): KubeObject {
  const replicas = fieldAt(scale, ["spec", "replicas"]) ?? 0;
  const scaled = withField(object, pathOf(paths.specReplicasPath), replicas) as KubeObject;
  const { resourceVersion } = scale.metadata;
  return { ...scaled, metadata: { ...scaled.metadata, resourceVersion } };
}

function selectorText(selector: unknown): string {
  if (typeof selector === "string") return selector;
  if (!isJsonObject(selector)) return "";
  const terms = requirementsOf(selector as LabelSelector).map(({ key, operator, values }) => {
    if (operator === "In") return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(",")})`;
    if (operator === "NotIn") return `${key} notin (${values.join(",")})`;
    return operator === "Exists" ? key : `!${key}`;
  });
  return terms.join(",");
}
