import type { Clock } from "#base";
import type { ApiResource, KubeClient } from "#client";
import {
  groupVersionText,
  gvkOf,
  isAlreadyExists,
  isNotFound,
  type KubeObject,
  notFound,
  objectKeyOf,
} from "#machinery";

/** Kinds that others need come first; the rest keeps its order. */
const first = ["Namespace", "CustomResourceDefinition", "StorageClass", "ServiceAccount", "ConfigMap", "Secret"];
const servedWithinMs = 10_000;

/** Creates the objects, as `kubectl apply` would for the first time; what is there already is brought to what they say. */
export async function loadObjects(client: KubeClient, clock: Clock, objects: readonly KubeObject[]): Promise<void> {
  const rank = (object: KubeObject): number =>
    first.includes(object.kind) ? first.indexOf(object.kind) : first.length;
  const sorted = objects.map((object, index) => ({ object, index }));
  sorted.sort((left, right) => rank(left.object) - rank(right.object) || left.index - right.index);
  let resources: readonly ApiResource[] = (await client.discover()).resources;
  const untilMs = clock.monotonicMs() + servedWithinMs;
  for (const { object } of sorted) {
    let type = typeOf(object, resources);
    while (type === undefined) {
      if (clock.monotonicMs() > untilMs) throw notFound({ group: "", resource: "kinds" }, object.kind);
      await clock.sleep(20);
      resources = (await client.discover()).resources;
      type = typeOf(object, resources);
    }
    await createOrPatch(client, type, withNamespace(object, type));
  }
}

function typeOf(object: KubeObject, resources: readonly ApiResource[]): ApiResource | undefined {
  const { group, version, kind } = gvkOf(object);
  return resources.find(
    (each) => each.kind === kind && groupVersionText(each) === groupVersionText({ group, version }),
  );
}

function withNamespace(object: KubeObject, type: ApiResource): KubeObject {
  if (!type.namespaced || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace: "default" } };
}

/** A custom kind is listed a moment before it can be written: then it is not found for that moment. */
async function createOrPatch(client: KubeClient, type: ApiResource, object: KubeObject): Promise<void> {
  try {
    await client.create(type, object);
  } catch (error) {
    if (isAlreadyExists(error)) {
      await client.patch({ type, key: objectKeyOf(object) }, { type: "merge", body: object });
    } else if (isNotFound(error) && type.group.includes(".")) {
      await client.create(type, object);
    } else {
      throw error;
    }
  }
}
