import type { KubeObject } from "#machinery";
import { annotation, label } from "../well-known.ts";
import type { PropagationPolicy } from "./types.ts";

/** Which policy an object says it belongs to; ids survive a restored backup, names find the policy. */
export interface Claim {
  readonly id: string;
  /** Undefined for a ClusterPropagationPolicy. */
  readonly namespace?: string;
  readonly name: string;
}

type TextsPatch = Readonly<Record<string, string | null>>;

/** A JSON merge patch of claim keys. */
export interface ClaimPatch {
  readonly metadata: { readonly labels?: TextsPatch; readonly annotations?: TextsPatch };
}

type Texts = Readonly<Record<string, string>>;

export interface ClaimKeys {
  readonly labels: Texts;
  readonly annotations: Texts;
}

export function claimOf(object: Pick<KubeObject, "metadata">): Claim | undefined {
  const { labels = {}, annotations = {} } = object.metadata;
  const id = labels[label.policyId];
  if (id !== undefined) {
    return {
      id,
      namespace: annotations[annotation.policyNamespace] ?? object.metadata.namespace ?? "",
      name: annotations[annotation.policyName] ?? "",
    };
  }
  const clusterId = labels[label.clusterPolicyId];
  return clusterId === undefined ? undefined : { id: clusterId, name: annotations[annotation.clusterPolicyName] ?? "" };
}

/** The permanent id, which admission gives every policy at its creation. */
export const policyIdOf = (policy: PropagationPolicy): string | undefined =>
  policy.metadata.labels?.[policy.metadata.namespace === undefined ? label.clusterPolicyId : label.policyId];

/** The keys by which a claim is written on templates and bindings. */
export function claimKeysFor(policy: PropagationPolicy): ClaimKeys {
  const { namespace, name = "" } = policy.metadata;
  const id = policyIdOf(policy) ?? "";
  if (namespace === undefined) {
    return { labels: { [label.clusterPolicyId]: id }, annotations: { [annotation.clusterPolicyName]: name } };
  }
  return {
    labels: { [label.policyId]: id },
    annotations: { [annotation.policyNamespace]: namespace, [annotation.policyName]: name },
  };
}

const claimLabels: readonly string[] = [label.policyId, label.clusterPolicyId];
const claimAnnotations: readonly string[] = [
  annotation.policyNamespace,
  annotation.policyName,
  annotation.clusterPolicyName,
];

/** A merge patch that leaves exactly this claim, or none, on the object; undefined where it already is so. */
export function claimPatch(
  object: Pick<KubeObject, "metadata">,
  keys: ClaimKeys = { labels: {}, annotations: {} },
): ClaimPatch | undefined {
  const labels = textsPatch(object.metadata.labels, keys.labels, claimLabels);
  const annotations = textsPatch(object.metadata.annotations, keys.annotations, claimAnnotations);
  if (labels === undefined && annotations === undefined) return undefined;
  const metadata = {
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { metadata };
}

function textsPatch(present: Texts = {}, wanted: Texts, owned: readonly string[]): TextsPatch | undefined {
  const patch: Record<string, string | null> = {};
  for (const key of owned) {
    const value = wanted[key];
    if (value === undefined && present[key] !== undefined) patch[key] = null;
    if (value !== undefined && present[key] !== value) patch[key] = value;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}
