import type { ApiCatalogue, ApiResource } from "#client";
import type { KubeObject } from "#machinery";
import { groupVersionText } from "#machinery";
import type { Informer, InformerFactory } from "./contract.ts";

export interface KindHandler {
  onAdd?(resource: ApiResource, object: KubeObject, initial: boolean): void;
  onUpdate?(resource: ApiResource, old: KubeObject, object: KubeObject): void;
  onDelete?(resource: ApiResource, last: KubeObject): void;
}

type KindRef = Pick<KubeObject, "apiVersion" | "kind">;

/**
 * The informers of all kinds of an API server that a rule includes, found by apiVersion and kind. Kinds come and go with
 * discovery: `refresh` takes a new catalogue; handlers subscribed once see every kind's objects.
 */
export class KindInformers {
  readonly #informers: InformerFactory;
  readonly #include: (resource: ApiResource) => boolean;
  readonly #indexes: Readonly<Record<string, (object: KubeObject) => readonly string[]>>;
  readonly #handlers = new Set<KindHandler>();
  readonly #open = new Map<string, { readonly resource: ApiResource; readonly informer: Informer }>();
  #byKind = new Map<string, ApiResource>();

  constructor(
    informers: InformerFactory,
    options: {
      readonly include: (resource: ApiResource) => boolean;
      readonly indexes?: Readonly<Record<string, (object: KubeObject) => readonly string[]>>;
    },
  ) {
    this.#informers = informers;
    this.#include = options.include;
    this.#indexes = options.indexes ?? {};
  }

  /** Any served kind, included or not. */
  resourceOf(of: KindRef): ApiResource | undefined {
    return this.#byKind.get(kindKey(of));
  }

  /** Only of included kinds. */
  informerOf(of: KindRef): Informer | undefined {
    return this.#open.get(kindKey(of))?.informer;
  }

  get(of: KindRef & { readonly namespace?: string; readonly name: string }): KubeObject | undefined {
    return this.informerOf(of)?.get(
      of.namespace === undefined || of.namespace === "" ? of.name : `${of.namespace}/${of.name}`,
    );
  }

  /** Included kinds with an open informer. */
  open(): readonly { readonly resource: ApiResource; readonly informer: Informer }[] {
    return [...this.#open.values()];
  }

  byIndex(name: string, value: string): readonly KubeObject[] {
    return this.open().flatMap(({ informer }) => informer.byIndex(name, value));
  }

  get synced(): boolean {
    return this.open().every(({ informer }) => informer.synced || informer.failure !== undefined);
  }

  /**
   * Follows discovery. A kind that is missing because its document could not be read stays as it was: an unreachable
   * aggregated API must not look like the deletion of all its objects.
   */
  refresh(catalogue: ApiCatalogue): void {
    const served = new Map(catalogue.resources.map((resource) => [resourceKey(resource), resource]));
    for (const [key, resource] of this.#byKind) {
      if (!served.has(key) && catalogue.partial.includes(groupVersionText(resource))) served.set(key, resource);
    }
    this.#byKind = served;
    const followed = new Map([...preferred(served.values())].map((resource) => [resourceKey(resource), resource]));
    for (const [key, { resource }] of this.#open) {
      if (followed.has(key)) continue;
      this.#open.delete(key);
      this.#informers.drop(resource);
    }
    for (const [key, resource] of followed) {
      if (!this.#open.has(key) && this.#include(resource)) this.#start(key, resource);
    }
  }

  /** Present objects come first as adds. */
  subscribe(handler: KindHandler): () => void {
    this.#handlers.add(handler);
    for (const { resource, informer } of this.#open.values()) {
      for (const object of informer.list()) handler.onAdd?.(resource, object, true);
    }
    return () => this.#handlers.delete(handler);
  }

  #start(key: string, resource: ApiResource): void {
    const informer = this.#informers.informerFor(resource);
    for (const [name, values] of Object.entries(this.#indexes)) informer.addIndex(name, values);
    this.#open.set(key, { resource, informer });
    informer.subscribe({
      onAdd: (object, initial) => this.#each((handler) => handler.onAdd?.(resource, object, initial)),
      onUpdate: (old, object) => this.#each((handler) => handler.onUpdate?.(resource, old, object)),
      onDelete: (last) => this.#each((handler) => handler.onDelete?.(resource, last)),
    });
  }

  #each(call: (handler: KindHandler) => void): void {
    for (const handler of this.#handlers) call(handler);
  }
}

const kindKey = (of: KindRef): string => `${of.apiVersion}/${of.kind}`;
const resourceKey = (resource: ApiResource): string =>
  kindKey({ apiVersion: groupVersionText(resource), kind: resource.kind });

/** Of a resource that a group serves in several versions the first: an object must not appear twice. */
function preferred(resources: Iterable<ApiResource>): Iterable<ApiResource> {
  const first = new Map<string, ApiResource>();
  for (const resource of resources) {
    const name = `${resource.resource}.${resource.group}`;
    if (!first.has(name)) first.set(name, resource);
  }
  return first.values();
}
