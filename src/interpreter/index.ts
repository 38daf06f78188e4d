/**
 * What we know about each kind: replicas and what they ask for, what the member owns of an object, its health, its status
 * and what it needs beside itself. Kinds we know nothing of get neutral answers.
 */
import type { GroupVersionKind } from "#machinery";
import { aggregateStatus } from "./aggregate.ts";
import type { Interpreter } from "./contract.ts";
import { dependenciesOf } from "./dependencies.ts";
import { replicasOf, withReplicas } from "./replicas.ts";
import { retain } from "./retain.ts";
import { healthOf, reflectStatus } from "./status.ts";

export type { DependencyReference, Interpreter, Replicas, StatusMap } from "./contract.ts";
export { podTemplatePathOf } from "./pod-template.ts";

const native: Interpreter = {
  replicasOf,
  withReplicas,
  retain,
  aggregateStatus,
  reflectStatus,
  healthOf,
  dependenciesOf,
};

/** The interpreter of a kind. */
export function interpreterFor(_gvk: GroupVersionKind): Interpreter {
  return native;
}
