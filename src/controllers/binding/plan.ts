import equal from "fast-deep-equal";
import { annotation, clusterOfExecutionNamespace, label } from "#api";
import type { Binding, TargetCluster, Work } from "#api/work";

/** Clusters that get a Work: those scheduled, then those that something else requires it in. */
export function targetsOf(binding: Binding): readonly TargetCluster[] {
  const targets = new Map<string, TargetCluster>();
  const required = (binding.spec.requiredBy ?? []).flatMap((snapshot) => snapshot.clusters ?? []);
  for (const target of [...(binding.spec.clusters ?? []), ...required]) {
    if (!targets.has(target.name)) targets.set(target.name, target);
  }
  return [...targets.values()];
}

/** Works of clusters that are no target any more; a cluster being left gracefully keeps its Work until that has ended. */
export function orphansOf(binding: Binding, existing: readonly Work[]): readonly Work[] {
  const leaving = (binding.spec.gracefulEvictionTasks ?? []).filter((task) => task.purgeMode !== "Directly");
  const kept = new Set([...targetsOf(binding).map(({ name }) => name), ...leaving.map((task) => task.fromCluster)]);
  return existing.filter((work) => !kept.has(clusterOfExecutionNamespace(work.metadata.namespace ?? "") ?? ""));
}

/** Whether a Work is held back in this cluster (`migration.md` 6.6). */
export function isSuspended(binding: Binding, cluster: string): boolean {
  const { suspension } = binding.spec;
  return (
    suspension?.dispatching === true || suspension?.dispatchingOnClusters?.clusterNames?.includes(cluster) === true
  );
}

export type WorkPlan =
  | { readonly kind: "create"; readonly work: Work }
  | { readonly kind: "none" }
  | { readonly kind: "patch"; readonly patch: { readonly [field: string]: unknown } }
  | { readonly kind: "blocked"; readonly why: string };

/** Labels and annotations are merged, finalizers added, the spec is replaced. */
export function planWork(wanted: Work, existing: Work | undefined): WorkPlan {
  if (existing === undefined) return { kind: "create", work: wanted };
  const { namespace, name } = wanted.metadata;
  if (existing.metadata.deletionTimestamp !== undefined) {
    return { kind: "blocked", why: `work ${namespace}/${name} is being deleted` };
  }
  const metadata = metadataPatch(wanted, existing);
  const spec = specPatch(wanted, existing);
  if (metadata === undefined && spec === undefined) return { kind: "none" };
  return { kind: "patch", patch: { ...(metadata && { metadata }), ...(spec && { spec }) } };
}

function metadataPatch(wanted: Work, existing: Work): object | undefined {
  const labels = changed(wanted.metadata.labels, existing.metadata.labels);
  const annotations = changed(wanted.metadata.annotations, existing.metadata.annotations);
  for (const key of switches) {
    if (wanted.metadata.annotations?.[key] === undefined && existing.metadata.annotations?.[key] !== undefined) {
      annotations[key] = null;
    }
  }
  const present = existing.metadata.finalizers ?? [];
  const missing = (wanted.metadata.finalizers ?? []).filter((name) => !present.includes(name));
  const patch = {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ...(missing.length > 0 && {
      finalizers: [...present, ...missing],
      resourceVersion: existing.metadata.resourceVersion,
    }),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Our own switches: unlike Karmada's annotations they disappear with their cause. */
export const switches = [annotation.takeoverGuard, annotation.applyMode] as const;

function changed(
  wanted: Readonly<Record<string, string>> = {},
  present: Readonly<Record<string, string>> = {},
): Record<string, string | null> {
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => present[key] !== value));
}

/** Manifests are one list, which a merge patch replaces whole; absent and false flags mean the same. */
function specPatch(wanted: Work, existing: Work): object | undefined {
  const patch: Record<string, unknown> = {};
  if (!equal(wanted.spec.workload, existing.spec.workload)) patch.workload = wanted.spec.workload;
  for (const flag of ["suspendDispatching", "preserveResourcesOnDeletion"] as const) {
    const value = wanted.spec[flag];
    if (value !== existing.spec[flag] && (value ?? false) !== (existing.spec[flag] ?? false))
      patch[flag] = value ?? null;
  }
  if (
    wanted.spec.preserveResourcesOnDeletion !== undefined &&
    existing.spec.preserveResourcesOnDeletion === undefined
  ) {
    patch.preserveResourcesOnDeletion = wanted.spec.preserveResourcesOnDeletion;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Index of Works by the permanent id of the binding they were rendered from. */
export const bindingIndex = "binding";

export function bindingIndexValues(work: Work): readonly string[] {
  const { labels = {} } = work.metadata;
  const id = labels[label.bindingId] ?? labels[label.clusterBindingId];
  return id === undefined ? [] : [id];
}

export const bindingIdOf = (binding: Binding): string | undefined =>
  binding.metadata.labels?.[binding.metadata.namespace === undefined ? label.clusterBindingId : label.bindingId];
