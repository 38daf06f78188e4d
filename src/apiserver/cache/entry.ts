import { deepFreeze } from "#base";
import { encodeJson, type KubeObject, parseJson } from "#machinery";
import type { Revision } from "#storage";
import type { ResourceDefinition } from "../kinds/definition.ts";

/** One version of one object as a request's version sees it. */
export interface View {
  readonly object: KubeObject;
  /** JSON that begins with kind and apiVersion, in this order. Made when first asked for, then kept. */
  text(): Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Objects that this process wrote, by the bytes it wrote: storage hands the same bytes back in its events, and the
 * object need not be parsed again. A byte array that nobody holds any more is forgotten.
 */
const written = new WeakMap<Uint8Array, KubeObject>();

/** What is stored of an object; resourceVersion is storage's to know. `object` is frozen. */
export function encodeStored(object: KubeObject): Uint8Array {
  const bytes = encoder.encode(encodeJson(object));
  written.set(bytes, deepFreeze(object));
  return bytes;
}

export function decodeStored(bytes: Uint8Array): KubeObject {
  return written.get(bytes) ?? deepFreeze(parseJson(decoder.decode(bytes)) as KubeObject);
}

/** One version of one object, in its storage version, shared by everybody who reads it. */
export class CacheEntry {
  readonly key: string;
  readonly object: KubeObject;
  readonly revision: Revision;
  /** By definition, not by version: where a schema changes, the same object is seen anew. */
  #views: WeakMap<ResourceDefinition, View> | undefined;

  constructor(key: string, stored: KubeObject, revision: Revision) {
    const { kind, apiVersion, metadata, ...rest } = stored;
    this.key = key;
    this.revision = revision;
    const stamped = Object.freeze({ ...metadata, resourceVersion: String(revision) });
    this.object = Object.freeze({ kind, apiVersion, metadata: stamped, ...rest });
  }

  view(definition: ResourceDefinition): View {
    const apiVersion = definition.group === "" ? definition.version : `${definition.group}/${definition.version}`;
    const known = this.#views?.get(definition);
    if (known !== undefined) return known;
    const view = viewOf(convertTo(this.object, definition, apiVersion));
    this.#views ??= new WeakMap();
    this.#views.set(definition, view);
    return view;
  }
}

function viewOf(object: KubeObject): View {
  let text: Uint8Array | undefined;
  return {
    object,
    text: () => {
      text ??= encoder.encode(encodeJson(object));
      return text;
    },
  };
}

/** Custom kinds are pruned and completed by their stored schema on reading too; most objects come back as they are. */
function convertTo(object: KubeObject, definition: ResourceDefinition, apiVersion: string): KubeObject {
  const schema = definition.storedSchema ?? definition.schema;
  const complete = definition.origin === "custom" ? schema.applyDefaults(schema.prune(object)) : object;
  if (complete.apiVersion === apiVersion) return Object.isFrozen(complete) ? complete : deepFreeze(complete);
  const converted = definition.convert?.(complete, apiVersion) ?? complete;
  const { kind, apiVersion: _, ...rest } = converted;
  return deepFreeze({ kind: definition.kind || kind, apiVersion, ...rest } as KubeObject);
}
