import type { KubeClient } from "#client";
import {
  type GroupVersionResource,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeObject,
  objectKeyOf,
} from "#machinery";

/** Creates the object; one that is there already stays as it is. Resolves to what the server has. */
export async function ensureObject<T extends KubeObject>(
  client: KubeClient,
  type: GroupVersionResource,
  object: T,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await client.create(type, object, {}, signal);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return await client.get<T>(type, objectKeyOf(object), signal);
  }
}

/** Creates the object, or sets the given fields of the one that is there. */
export async function ensureFields<T extends KubeObject>(
  client: KubeClient,
  type: GroupVersionResource,
  object: T,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await client.create(type, object, {}, signal);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const { apiVersion: _version, kind: _kind, metadata, ...fields } = object;
    const body = { metadata: { labels: metadata.labels }, ...fields };
    return await client.patch<T>({ type, key: objectKeyOf(object) }, { type: "merge", body }, {}, signal);
  }
}

/** Deletes the object; one that is gone already, or has another UID by now, counts as deleted. */
export async function ensureGone(
  client: KubeClient,
  target: { readonly type: GroupVersionResource; readonly key: { readonly namespace?: string; readonly name: string } },
  signal?: AbortSignal,
): Promise<void> {
  try {
    await client.delete(target, { propagationPolicy: "Background" }, signal);
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
