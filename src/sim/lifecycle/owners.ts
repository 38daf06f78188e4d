import { type Key, type KubeObject, keyFor, keyOf, matchesLabelSelector } from "#machinery";
import { controllerOf, controllerReference, type LabelSelector } from "../kinds.ts";
import type { View } from "./view.ts";

export const ownKey = (object: KubeObject): readonly Key[] => [keyOf(object)];

/** The key of the object's controller, where that is of this kind. */
export const controllerKeys =
  (kind: string) =>
  (object: KubeObject): readonly Key[] => {
    const owner = controllerOf(object);
    return owner?.kind === kind ? [keyFor({ namespace: object.metadata.namespace, name: owner.name })] : [];
  };

/** Takes what the selector matches and nobody controls: what was left behind by a deletion that orphaned it. */
export async function adoptOrphans<T extends KubeObject>(
  owner: KubeObject,
  selector: LabelSelector,
  view: View<T>,
): Promise<void> {
  const orphans = view
    .list(owner.metadata.namespace)
    .filter((object) => controllerOf(object) === undefined && object.metadata.deletionTimestamp === undefined)
    .filter((object) => matchesLabelSelector(selector, object.metadata.labels));
  for (const orphan of orphans) {
    const ownerReferences = [...(orphan.metadata.ownerReferences ?? []), controllerReference(owner)];
    await view.update({ ...orphan, metadata: { ...orphan.metadata, ownerReferences } });
  }
}
