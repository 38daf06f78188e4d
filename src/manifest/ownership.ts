import { annotation, label } from "#api";
import { type KubeObject, refText } from "#machinery";
import type { Ownership } from "./contract.ts";

interface Owner {
  readonly hub: string;
  readonly work: string;
}

/** Whose a member object is, by its marks alone. Without the managed label it is nobody's, whatever else it carries. */
export function ownershipOf(live: KubeObject, { hub, work }: Owner): Ownership {
  const { labels = {}, annotations = {} } = live.metadata;
  if (labels[label.managed] !== "true") return { kind: "unmanaged" };
  const markedHub = annotations[annotation.hub];
  const markedWork = `${annotations[annotation.workNamespace] ?? ""}/${annotations[annotation.workName] ?? ""}`;
  if (markedHub !== hub) return { kind: "otherHub", hub: markedHub ?? "unknown", work: markedWork };
  return markedWork === work ? { kind: "ours" } : { kind: "otherWork", work: markedWork };
}

export type Foreign = Extract<Ownership, { readonly kind: "otherHub" | "otherWork" }>;

export const foreignReason = (owner: Foreign): "ManagedByOtherHub" | "ManagedByOtherWork" =>
  owner.kind === "otherHub" ? "ManagedByOtherHub" : "ManagedByOtherWork";

/** Who has the object, and how to take it all the same. */
export function foreignMessage(live: KubeObject, cluster: string, owner: Foreign): string {
  const where = `${refText(live)} in cluster ${cluster}`;
  if (owner.kind === "otherWork") {
    return `${where} is managed by another Work (${owner.work}) of this control plane; delete that Work's template first, or set annotation ${annotation.takeFrom}: "*" on the template to take the object from it`;
  }
  const name = owner.hub === "unknown" ? "Karmada" : `hub ${owner.hub}`;
  const who = `another control plane (${name}${owner.work === "/" ? "" : `, Work ${owner.work}`})`;
  return `${where} is managed by ${who}; release it there first, or set annotation ${annotation.takeFrom}: "${owner.hub}" on the template to take it over`;
}

/** Whether the template says in so many words that the object may be taken from its owner. */
export function mayTakeFrom(desired: KubeObject, owner: Foreign): boolean {
  const allowed = desired.metadata.annotations?.[annotation.takeFrom];
  return allowed === "*" || (owner.kind === "otherHub" && allowed === owner.hub);
}
