import equal from "fast-deep-equal";
import { bindingNameFor, dependedBySuffixFor, finalizer, label } from "#api";
import type { ConflictResolution } from "#api/policy";
import type { Binding, BindingSnapshot } from "#api/work";
import { type Key, type KubeObject, keyOf } from "#machinery";

/** The label by which an attached binding names one that needs it; its value is that one's permanent id. */
const dependedByLabel = (referrer: Binding): string =>
  `${label.dependedByPrefix}${dependedBySuffixFor(keyOf(referrer))}`;

const snapshotOf = (referrer: Binding): BindingSnapshot => ({
  namespace: referrer.metadata.namespace ?? "",
  name: referrer.metadata.name ?? "",
  clusters: referrer.spec.clusters ?? [],
});

/** The fields that an attached binding takes from those that need it, and where they disagree. */
export interface Resolution {
  readonly conflictResolution?: ConflictResolution;
  readonly preserveResourcesOnDeletion?: boolean;
  readonly conflicts: readonly string[];
}

/** The safer value of each wins: Overwrite and preserve as soon as one of the referrers says so (`migration.md` 6.7). */
export function resolve(referrers: readonly Binding[]): Resolution {
  if (referrers.length === 0) return { conflicts: [] };
  const overwrite = referrers.map(({ spec }) => spec.conflictResolution === "Overwrite");
  const preserve = referrers.map(({ spec }) => spec.preserveResourcesOnDeletion === true);
  const conflicts = [
    ...(new Set(overwrite).size > 1 ? ["ConflictResolution conflicted (Overwrite vs Abort)"] : []),
    ...(new Set(preserve).size > 1 ? ["PreserveResourcesOnDeletion conflicted (true vs false)"] : []),
  ];
  return {
    conflictResolution: overwrite.includes(true) ? "Overwrite" : "Abort",
    preserveResourcesOnDeletion: preserve.includes(true),
    conflicts,
  };
}

/** The binding of a dependency that no policy claims: it has no placement and goes where it is required. */
export function attachedBindingFor(dependency: KubeObject, referrers: readonly Binding[]): Binding {
  const { namespace, name = "", uid, resourceVersion } = dependency.metadata;
  const { conflicts: _conflicts, ...resolved } = resolve(referrers);
  return {
    apiVersion: "work.karmada.io/v1alpha2",
    kind: "ResourceBinding",
    metadata: {
      name: bindingNameFor({ kind: dependency.kind, name }),
      namespace,
      labels: labelsFor(referrers),
      ownerReferences: [
        {
          apiVersion: dependency.apiVersion,
          kind: dependency.kind,
          name,
          uid: uid ?? "",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      finalizers: [finalizer.binding],
    },
    spec: {
      resource: {
        apiVersion: dependency.apiVersion,
        kind: dependency.kind,
        ...(namespace === undefined ? {} : { namespace }),
        name,
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      requiredBy: requiredBy(referrers),
      ...resolved,
    },
  };
}

const labelsFor = (referrers: readonly Binding[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    referrers.map((referrer) => [dependedByLabel(referrer), referrer.metadata.labels?.[label.bindingId] ?? ""]),
  );

const requiredBy = (referrers: readonly Binding[]): readonly BindingSnapshot[] =>
  referrers.map(snapshotOf).sort((a, b) => (a.name < b.name ? -1 : 1));

export interface AttachedInput {
  /** Undefined where it is being let go. */
  readonly dependency: KubeObject | undefined;
  readonly referrers: readonly Binding[];
  /** The last referrer goes and its objects are preserved: the flag must outlive it. */
  readonly keep: boolean;
}

/** What changes on an attached binding when its referrers are these, as a merge patch; undefined where nothing does. */
export function planAttached(
  existing: Binding,
  input: AttachedInput,
): { readonly metadata?: object; readonly spec?: object } | undefined {
  const labels = labelChanges(existing, input.referrers);
  const spec = specChanges(existing, input);
  const patch = {
    ...(Object.keys(labels).length === 0 ? {} : { metadata: { labels } }),
    ...(Object.keys(spec).length === 0 ? {} : { spec }),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function specChanges(existing: Binding, { dependency, referrers, keep }: AttachedInput): Record<string, unknown> {
  const { spec } = existing;
  const changes: Record<string, unknown> = {};
  const wanted = requiredBy(referrers);
  if (!equal(wanted, spec.requiredBy ?? [])) changes.requiredBy = wanted;
  if (spec.placement !== undefined) {
    // Claimed by a policy of its own, whose settings stay.
    if (keep && spec.preserveResourcesOnDeletion !== true) changes.preserveResourcesOnDeletion = true;
    return changes;
  }
  const resolved = resolve(referrers);
  const resolution = resolved.conflictResolution ?? "Abort";
  const preserve = keep || resolved.preserveResourcesOnDeletion;
  if ((spec.conflictResolution ?? "Abort") !== resolution) changes.conflictResolution = resolution;
  if (spec.preserveResourcesOnDeletion !== preserve) changes.preserveResourcesOnDeletion = preserve ?? null;
  const version = dependency?.metadata.resourceVersion;
  if (version !== undefined && version !== spec.resource.resourceVersion)
    changes.resource = { resourceVersion: version };
  return changes;
}

function labelChanges(existing: Binding, referrers: readonly Binding[]): Record<string, string | null> {
  const wanted = labelsFor(referrers);
  const present = Object.entries(existing.metadata.labels ?? {}).filter(([key]) =>
    key.startsWith(label.dependedByPrefix),
  );
  const changes: Record<string, string | null> = {};
  for (const [key] of present) if (wanted[key] === undefined) changes[key] = null;
  for (const [key, value] of Object.entries(wanted))
    if (existing.metadata.labels?.[key] !== value) changes[key] = value;
  return changes;
}

/** Index of attached bindings by the keys of those that need them. */
export const referrerIndex = "referrer";

export const referrerIndexValues = (binding: Binding): readonly Key[] =>
  (binding.spec.requiredBy ?? []).map(({ namespace, name }) =>
    (namespace ?? "") === "" ? name : `${namespace}/${name}`,
  );
