import { clusterOfExecutionNamespace } from "#api";
import type { Work } from "#api/work";
import type { KubeObject } from "#machinery";

/** Index of Works by the member objects that they concern; add it with `workTargetValues`. */
export const workTargetIndex = "target";

export const workTargetKey = (cluster: string, of: Pick<KubeObject, "apiVersion" | "kind" | "metadata">): string =>
  `${cluster}|${of.apiVersion}/${of.kind}|${of.metadata.namespace ?? ""}/${of.metadata.name}`;

export function workTargetValues(work: Work): readonly string[] {
  const cluster = clusterOfWork(work);
  if (cluster === undefined) return [];
  return (work.spec.workload?.manifests ?? []).map((manifest) => workTargetKey(cluster, manifest));
}

/** The member that a Work is for, by its namespace. */
export const clusterOfWork = (work: Work): string | undefined =>
  clusterOfExecutionNamespace(work.metadata.namespace ?? "");
