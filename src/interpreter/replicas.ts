import { fieldAt, gvkOf, type KubeObject, numberAt, withField } from "#machinery";
import type { Replicas } from "./contract.ts";
import { podTemplatePathOf, requirementsOfPod } from "./pod-template.ts";
import { typeOf } from "./type-of.ts";

const scalable = new Set(["apps/v1/Deployment", "apps/v1/ReplicaSet", "apps/v1/StatefulSet"]);

const countOf = (object: KubeObject, field: string, otherwise: number): number =>
  fieldAt(object, ["spec", field]) == null ? otherwise : numberAt(object, ["spec", field]);

function numberOfReplicas(object: KubeObject): number | undefined {
  const type = typeOf(object);
  if (scalable.has(type)) return countOf(object, "replicas", 1);
  if (type === "v1/Pod") return 1;
  if (type !== "batch/v1/Job") return undefined;
  const parallelism = countOf(object, "parallelism", 1);
  return Math.min(parallelism, countOf(object, "completions", parallelism));
}

export function replicasOf(object: KubeObject): Replicas | undefined {
  const replicas = numberOfReplicas(object);
  if (replicas === undefined) return undefined;
  const path = podTemplatePathOf(gvkOf(object)) ?? [];
  const requirements = requirementsOfPod(fieldAt(object, [...path, "spec"]));
  return requirements === undefined ? { replicas } : { replicas, requirements };
}

export function withReplicas(object: KubeObject, replicas: number): KubeObject {
  const type = typeOf(object);
  if (scalable.has(type)) return withField(object, ["spec", "replicas"], replicas);
  return type === "batch/v1/Job" ? withField(object, ["spec", "parallelism"], replicas) : object;
}
