import { annotation, ownershipKeys, policyNameFor } from "#api";
import type { PropagationPolicy } from "#api/policy";
import { pruneManifest } from "#api/work";
import type { GroupVersionKind, KubeObject } from "#machinery";
import { gvkOf } from "#machinery";

/**
 * The template of a live object: pruned of what its cluster owns and of another hub's marks, with the wish to take the
 * running object over, unless the object says otherwise already.
 */
export function templateFor(live: KubeObject): KubeObject {
  const template = pruneManifest(live, { jobTtl: false });
  const { labels, annotations, ...metadata } = template.metadata;
  const kept = withoutMarks(labels);
  return {
    ...template,
    metadata: {
      ...metadata,
      ...(Object.keys(kept).length === 0 ? {} : { labels: kept }),
      annotations: { [annotation.conflictResolution]: "overwrite", ...withoutMarks(annotations) },
    },
  };
}

function withoutMarks(pairs: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(pairs ?? {}).filter(([key]) => !ownershipKeys.has(key)));
}

/** The policy that takes one object over in its own cluster, and gives it back when its template is deleted. */
export function policyFor(
  template: KubeObject,
  options: { readonly cluster: string; readonly name?: string; readonly propagateDeps: boolean },
): PropagationPolicy {
  const { namespace, name = "" } = template.metadata;
  const generated = policyNameFor({ namespace, name }, goText(gvkOf(template)));
  return {
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: namespace === undefined ? "ClusterPropagationPolicy" : "PropagationPolicy",
    metadata: { name: options.name ?? generated, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      resourceSelectors: [
        {
          apiVersion: template.apiVersion,
          kind: template.kind,
          name,
          ...(namespace === undefined ? {} : { namespace }),
        },
      ],
      placement: { clusterAffinity: { clusterNames: [options.cluster] } },
      conflictResolution: "Overwrite",
      preserveResourcesOnDeletion: true,
      propagateDeps: options.propagateDeps,
    },
  };
}

/** A group-version-kind as Go prints it, which for the core group begins with a slash: it is hashed into the name. */
const goText = (gvk: GroupVersionKind): string => `${gvk.group}/${gvk.version}, Kind=${gvk.kind}`;
