import type { KubeObject } from "./object.ts";

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** `resource` is the plural, lower-case name in URLs. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** `apps/v1` to its parts; the core group is the empty string. */
export function parseGroupVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf("/");
  if (slash < 0) return { group: "", version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The inverse of parseGroupVersion: what an object carries as `apiVersion`. */
export function groupVersionText(of: { readonly group: string; readonly version: string }): string {
  return of.group === "" ? of.version : `${of.group}/${of.version}`;
}

export function gvkOf(object: Pick<KubeObject, "apiVersion" | "kind">): GroupVersionKind {
  return { ...parseGroupVersion(object.apiVersion), kind: object.kind };
}

/** `apps/v1, Kind=Deployment`: the text Karmada hashes into generated names. */
export function gvkText(gvk: GroupVersionKind): string {
  return `${groupVersionText(gvk)}, Kind=${gvk.kind}`;
}

/** `apps/v1, Resource=deployments`; a stable map key. */
export function gvrText(gvr: GroupVersionResource): string {
  return `${groupVersionText(gvr)}, Resource=${gvr.resource}`;
}
