/** Labels, annotations, finalizers and namespaces that users, Karmada's tools and member objects know. Source: Karmada's API. */
export const label = {
  policyId: "propagationpolicy.karmada.io/permanent-id",
  clusterPolicyId: "clusterpropagationpolicy.karmada.io/permanent-id",
  bindingId: "resourcebinding.karmada.io/permanent-id",
  clusterBindingId: "clusterresourcebinding.karmada.io/permanent-id",
  workId: "work.karmada.io/permanent-id",
  managed: "karmada.io/managed",
  system: "karmada.io/system",
  retainReplicas: "resourcetemplate.karmada.io/retain-replicas",
  deletionProtected: "resourcetemplate.karmada.io/deletion-protected",
  claimedBy: "resourcetemplate.karmada.io/claimed-by",
  managedBy: "binding.karmada.io/managed-by",
  dependedByPrefix: "resourcebinding.karmada.io/depended-by-",
  skipAutoPropagation: "namespace.karmada.io/skip-auto-propagation",
} as const;

export const annotation = {
  policyNamespace: "propagationpolicy.karmada.io/namespace",
  policyName: "propagationpolicy.karmada.io/name",
  clusterPolicyName: "clusterpropagationpolicy.karmada.io/name",
  appliedPlacement: "policy.karmada.io/applied-placement",
  appliedOverrides: "policy.karmada.io/applied-overrides",
  appliedClusterOverrides: "policy.karmada.io/applied-cluster-overrides",
  conflictResolution: "work.karmada.io/conflict-resolution",
  workNamespace: "work.karmada.io/namespace",
  workName: "work.karmada.io/name",
  bindingNamespace: "resourcebinding.karmada.io/namespace",
  bindingName: "resourcebinding.karmada.io/name",
  clusterBindingName: "clusterresourcebinding.karmada.io/name",
  templateUid: "resourcetemplate.karmada.io/uid",
  templateGeneration: "resourcetemplate.karmada.io/generation",
  managedLabels: "resourcetemplate.karmada.io/managed-labels",
  managedAnnotations: "resourcetemplate.karmada.io/managed-annotations",
  dependencies: "resourcebinding.karmada.io/dependencies",
  /** kubectl's record of a client-side apply. Never sent to a member: the member keeps its own. */
  lastApplied: "kubectl.kubernetes.io/last-applied-configuration",
  /** UID of the hub that manages a member object. Ours; Karmada has no such mark. */
  hub: "migration.drover.io/hub",
  /** On a template, policy, binding or Work: `refuse`, `warn` or `off`. */
  takeoverGuard: "migration.drover.io/takeover-guard",
  /** On a template, policy, binding or Work: `Merge` (default) or `Replace` (Karmada's full replace). */
  applyMode: "migration.drover.io/apply-mode",
  /** On a template: the hub UID that an object may be taken from, or `*`. */
  takeFrom: "migration.drover.io/take-from",
  /** `true` on a Cluster that is leaving: its member keeps every object, whatever policies, bindings and Works say. */
  keepResources: "migration.drover.io/keep-resources",
} as const;

export const finalizer = {
  policy: "karmada.io/propagation-policy-controller",
  clusterPolicy: "karmada.io/cluster-propagation-policy-controller",
  binding: "karmada.io/binding-controller",
  clusterBinding: "karmada.io/cluster-resource-binding-controller",
  dependencies: "karmada.io/binding-dependencies-distributor",
  work: "karmada.io/execution-controller",
  cluster: "karmada.io/cluster-controller",
} as const;

export const taintKey = {
  notReady: "cluster.karmada.io/not-ready",
  unreachable: "cluster.karmada.io/unreachable",
  unschedulable: "cluster.karmada.io/unschedulable",
} as const;

/** Where the hub keeps members' credentials, and members their accounts for the hub. */
export const clusterNamespace = "karmada-cluster";
const executionPrefix = "karmada-es-";

/** `karmada-es-<cluster>`: where a member's Works and Adoptions live. */
export const executionNamespaceFor = (cluster: string): string => `${executionPrefix}${cluster}`;

/** The cluster of an execution namespace; undefined for any other namespace. */
export const clusterOfExecutionNamespace = (namespace: string): string | undefined =>
  namespace.startsWith(executionPrefix) ? namespace.slice(executionPrefix.length) : undefined;

/** Namespaces that are never propagated (`well-known.md` 2). */
export const isReservedNamespace = (namespace: string): boolean =>
  namespace === "karmada-system" || namespace === clusterNamespace || namespace.startsWith(executionPrefix);

/** True for a label or annotation key of Karmada or Drover: `karmada.io/managed`, `work.karmada.io/name`, `migration.drover.io/hub`. */
export const isBookkeepingKey = (key: string): boolean => /(^|\.)(karmada|drover)\.io\//.test(key);

/** Keys that mean "managed", as far as an object carries them: they go when it is given back, or made a template elsewhere. */
export const ownershipKeys: ReadonlySet<string> = new Set([
  label.managed,
  label.policyId,
  label.clusterPolicyId,
  label.bindingId,
  label.clusterBindingId,
  label.workId,
  annotation.policyNamespace,
  annotation.policyName,
  annotation.clusterPolicyName,
  annotation.workNamespace,
  annotation.workName,
  annotation.bindingNamespace,
  annotation.bindingName,
  annotation.clusterBindingName,
  annotation.templateUid,
  annotation.templateGeneration,
  annotation.managedLabels,
  annotation.managedAnnotations,
  annotation.hub,
]);
