import type { ApiResource } from "#client";
import { groupVersionText, type Key, type KubeObject, keyFor, keyOf, splitKey } from "#machinery";

/** A template's queue key: `apps/v1/Deployment|shop/cart`. */
export interface TemplateRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export const templateKey = (object: KubeObject): Key => `${object.apiVersion}/${object.kind}|${keyOf(object)}`;

export function templateRefOf(key: Key): TemplateRef {
  const bar = key.indexOf("|");
  const slash = key.lastIndexOf("/", bar);
  const { namespace, name } = splitKey(key.slice(bar + 1));
  return { apiVersion: key.slice(0, slash), kind: key.slice(slash + 1, bar), namespace, name };
}

/** The key of an object of a known kind; items of a list may come without their apiVersion and kind. */
export const templateKeyIn = (resource: ApiResource, object: KubeObject): Key =>
  `${groupVersionText(resource)}/${resource.kind}|${keyFor({ namespace: object.metadata.namespace, name: object.metadata.name ?? "" })}`;
