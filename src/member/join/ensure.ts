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
export const ensureObject = <T extends KubeObject>(
  client: KubeClient,
  type: GroupVersionResource,
  object: T,
  signal?: AbortSignal,
): Promise<T> => createdOr({ client, type, object, signal }, () => client.get<T>(type, objectKeyOf(object), signal));

/** Creates the object, or sets the given fields of the one that is there. */
export const ensureFields = <T extends KubeObject>(
  client: KubeClient,
  type: GroupVersionResource,
  object: T,
  signal?: AbortSignal,
): Promise<T> =>
  createdOr({ client, type, object, signal }, () => {
    const { apiVersion: _version, kind: _kind, metadata, ...fields } = object;
    const body = { metadata: { labels: metadata.labels }, ...fields };
    return client.patch<T>({ type, key: objectKeyOf(object) }, { type: "merge", body }, {}, signal);
  });

interface Creating<T> {
  readonly client: KubeClient;
  readonly type: GroupVersionResource;
  readonly object: T;
  readonly signal: AbortSignal | undefined;
}

async function createdOr<T extends KubeObject>(of: Creating<T>, there: () => Promise<T>): Promise<T> {
  try {
    return await of.client.create(of.type, of.object, {}, of.signal);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return await there();
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
