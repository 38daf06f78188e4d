import type { KubeObject } from "./object.ts";

/** Name and, unless cluster-scoped, namespace. */
export interface ObjectKey {
  readonly namespace?: string;
  readonly name: string;
}

/** `namespace/name`, or `name` when cluster-scoped: the key of caches and queues. */
export type Key = string;

export function keyFor(key: ObjectKey): Key {
  return key.namespace === undefined || key.namespace === "" ? key.name : `${key.namespace}/${key.name}`;
}

export function objectKeyOf(object: KubeObject): ObjectKey {
  return { namespace: object.metadata.namespace, name: object.metadata.name ?? "" };
}

export function keyOf(object: KubeObject): Key {
  return keyFor(objectKeyOf(object));
}

export function splitKey(key: Key): ObjectKey {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** `Deployment shop/cart`: how messages name an object. */
export function refText(object: KubeObject): string {
  return `${object.kind} ${keyOf(object)}`;
}
