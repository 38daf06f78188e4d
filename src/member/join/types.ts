import { resource } from "#api";
import type { GroupVersionResource } from "#machinery";

const core = (resource: string): GroupVersionResource => ({ group: "", version: "v1", resource });
const rbac = (resource: string): GroupVersionResource => ({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  resource,
});

export const namespaces = core("namespaces");
export const secrets = core("secrets");
export const serviceAccounts = core("serviceaccounts");
export const clusterRoles = rbac("clusterroles");
export const clusterRoleBindings = rbac("clusterrolebindings");
export const { clusters, works } = resource;
