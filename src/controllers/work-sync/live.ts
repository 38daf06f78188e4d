import type { ApiResource } from "#client";
import { FreshView, type Informer } from "#informer";
import {
  gvkOf,
  gvkText,
  gvrText,
  isNotFound,
  type Key,
  type KubeObject,
  keyOf,
  numberAt,
  objectKeyOf,
} from "#machinery";
import type { Member } from "#member";
import { followAutoscalers, isScaledBy } from "./autoscaled.ts";

/** Where a manifest's object is found in a member. */
export interface Place {
  readonly resource: ApiResource;
  readonly informer: Informer;
  readonly view: FreshView<KubeObject>;
  /** Versions that our own writes made and the watch has yet to bring. */
  readonly written: Map<Key, string>;
}

/** Why a member's object cannot be looked at now. `final` ones need a change in the member. */
export interface NoPlace {
  readonly why: string;
  readonly final: boolean;
  /** Reading them failed, and is being tried again. */
  readonly failed: boolean;
}

export interface LiveHandler {
  /** An object has appeared, changed in what is stated of it, or gone. */
  changed(object: KubeObject): void;
  /** All objects of a kind can be looked at from now on. */
  opened(kind: Pick<KubeObject, "apiVersion" | "kind">): void;
}

/** The live objects of one member, one LIST and WATCH per kind, opened when a Work first needs the kind. */
export class LiveObjects {
  readonly #member: Member;
  readonly #handler: LiveHandler;
  readonly #signal: AbortSignal;
  readonly #places = new Map<string, Place>();
  #autoscalers: Informer | undefined;

  constructor(member: Member, handler: LiveHandler, signal: AbortSignal) {
    this.#member = member;
    this.#handler = handler;
    this.#signal = signal;
  }

  async placeOf(manifest: KubeObject): Promise<Place | NoPlace> {
    const resource = this.#member.resourceFor(gvkOf(manifest)) ?? (await this.#member.findResource(gvkOf(manifest)));
    if (resource === undefined) {
      const why = `the cluster ${this.#member.name} does not serve ${gvkText(gvkOf(manifest))}; install its CustomResourceDefinition there`;
      return { why, final: true, failed: true };
    }
    const place = this.#places.get(gvrText(resource)) ?? this.#open(resource, manifest);
    if (place.informer.synced && this.#knowsAutoscalers(manifest)) return place;
    return this.#notYet(place, manifest);
  }

  #notYet(place: Place, manifest: KubeObject): NoPlace {
    const failure = place.informer.failure;
    const why = `objects of ${gvkText(gvkOf(manifest))} in cluster ${this.#member.name} are still being read`;
    return failure === undefined
      ? { why, final: false, failed: false }
      : { why: `${why}: ${failure.message}`, final: false, failed: true };
  }

  /** Whether the member sets this object's replicas itself. */
  isAutoscaled(manifest: KubeObject): boolean {
    return hasReplicas(manifest) && this.#autoscalers !== undefined && isScaledBy(this.#autoscalers, manifest);
  }

  /** Replicas are not judged before it is known who sets them; a member that refuses to tell has no say. */
  #knowsAutoscalers(manifest: KubeObject): boolean {
    if (!hasReplicas(manifest)) return true;
    if (this.#autoscalers === undefined) {
      this.#autoscalers = followAutoscalers(this.#member);
      this.#autoscalers?.whenSynced(this.#signal).then(
        () => this.#handler.opened(manifest),
        () => undefined, // stopped before they were read
      );
    }
    return this.#autoscalers === undefined || this.#autoscalers.synced || this.#autoscalers.failure !== undefined;
  }

  /** Reads one object past the cache, after a conflict. */
  async read(place: Place, manifest: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined> {
    try {
      const live = await this.#member.client.get<KubeObject>(place.resource, objectKeyOf(manifest), signal);
      place.view.wrote(live);
      return live;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      place.view.forget(keyOf(manifest));
      return undefined;
    }
  }

  /** Takes the member's answer to our own write. */
  wrote(place: Place, object: KubeObject): void {
    place.view.wrote(object);
    if (object.metadata.resourceVersion !== undefined)
      place.written.set(keyOf(object), object.metadata.resourceVersion);
  }

  #open(resource: ApiResource, kind: Pick<KubeObject, "apiVersion" | "kind">): Place {
    const informer = this.#member.informers.informerFor(resource);
    const place: Place = { resource, informer, view: new FreshView(informer), written: new Map() };
    this.#places.set(gvrText(resource), place);
    informer.subscribe({
      onAdd: (object, initial) => {
        if (!initial && !isOwnWrite(place, object)) this.#handler.changed(object);
      },
      onUpdate: (old, object) => {
        if (!isOwnWrite(place, object) && isStatedChange(old, object)) this.#handler.changed(object);
      },
      onDelete: (last) => this.#handler.changed(last),
    });
    informer.whenSynced(this.#signal).then(
      () => this.#handler.opened(kind),
      () => undefined, // stopped before it was read
    );
    return place;
  }
}

/** What our own write led to needs no second look: it was decided upon from the member's answer. */
function isOwnWrite(place: Place, object: KubeObject): boolean {
  const key = keyOf(object);
  if (place.written.get(key) !== object.metadata.resourceVersion) return false;
  place.written.delete(key);
  return true;
}

const hasReplicas = (manifest: KubeObject): boolean => numberAt(manifest, ["spec", "replicas"]) > 0;

export const isPlace = (found: Place | NoPlace): found is Place => "view" in found;

/** Whether anything but status and server-owned metadata differs. Kept branches are shared, so most compare by identity. */
function isStatedChange(old: KubeObject, object: KubeObject): boolean {
  if (old.metadata.generation !== object.metadata.generation || object.metadata.generation === undefined) return true;
  const { labels, annotations, deletionTimestamp, uid } = object.metadata;
  return (
    uid !== old.metadata.uid ||
    deletionTimestamp !== old.metadata.deletionTimestamp ||
    !sameTexts(labels, old.metadata.labels) ||
    !sameTexts(annotations, old.metadata.annotations)
  );
}

function sameTexts(a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>> = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
