import type { GroupVersionKind } from "#machinery";

/** `kind/namespace/name` of core objects; `*` stands for any namespace or name. */
const owned = [
  "Service/default/kubernetes",
  "Endpoints/default/kubernetes",
  "ConfigMap/*/kube-root-ca.crt",
  "ConfigMap/*/openshift-service-ca.crt",
  "ServiceAccount/*/default",
  "ConfigMap/kube-system/extension-apiserver-authentication",
  "ConfigMap/kube-system/kube-apiserver-legacy-service-account-token-tracking",
  "Namespace//kube-system",
  "Namespace//kube-public",
  "Namespace//kube-node-lease",
  "Event/*/*",
  "Node//*",
].map((entry) => entry.split("/"));

/** Kinds of other groups that a cluster makes for itself. */
const ownedKinds = new Set(["coordination.k8s.io/Lease", "events.k8s.io/Event", "apiregistration.k8s.io/APIService"]);

/**
 * True for what every API server or its controllers make for themselves: propagating it would overwrite a member's own CA
 * or address. Never propagated, whatever a policy selects.
 */
export function isServerOwned(gvk: GroupVersionKind, namespace: string | undefined, name: string): boolean {
  if (gvk.group === "discovery.k8s.io") {
    return gvk.kind === "EndpointSlice" && namespace === "default" && name === "kubernetes";
  }
  if (gvk.group !== "") return ownedKinds.has(`${gvk.group}/${gvk.kind}`);
  const parts = [gvk.kind, namespace ?? "", name];
  return owned.some((entry) => entry.every((wanted, at) => wanted === "*" || wanted === parts[at]));
}
