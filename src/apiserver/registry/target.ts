import type { Clock } from "#base";
import { groupVersionText, type KubeObject } from "#machinery";
import type { Storage } from "#storage";
import { type CacheSet, type ResourceCache, storagePrefix } from "../cache/index.ts";
import type { AdmissionPlugin, User } from "../contract.ts";
import type { ResourceCatalogue, ResourceDefinition } from "../kinds/definition.ts";

/** What the registry works with. */
export interface RegistryDeps {
  readonly storage: Storage;
  readonly caches: CacheSet;
  readonly catalogue: ResourceCatalogue;
  readonly clock: Clock;
  readonly admission: readonly AdmissionPlugin[];
}

/** What a request is about, as its path says it, and who asks. */
export interface Target {
  readonly definition: ResourceDefinition;
  /** Empty: the resource itself. */
  readonly subresource: string;
  /** Empty: cluster-scoped, or all namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly user: User;
  readonly dryRun: boolean;
  /** Texts of Warning headers, added to as the request goes on. */
  readonly warnings: string[];
}

export const apiVersionOf = (definition: ResourceDefinition): string => groupVersionText(definition);

export function storageKey(definition: ResourceDefinition, namespace: string, name: string): string {
  const prefix = storagePrefix(definition.storage);
  return definition.namespaced ? `${prefix}${namespace}/${name}` : `${prefix}${name}`;
}

export const cacheOf = (deps: RegistryDeps, definition: ResourceDefinition): ResourceCache =>
  deps.caches.of(definition.storage);

/** Seconds, as Kubernetes writes times. */
export const timestamp = (nowMs: number): string => new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, "Z");

/** The object in the version it is stored in. */
export function toStorageVersion(definition: ResourceDefinition, object: KubeObject): KubeObject {
  const { group, version } = definition.storage;
  const apiVersion = groupVersionText({ group, version });
  const converted =
    object.apiVersion === apiVersion ? object : (definition.convert?.(object, apiVersion) ?? { ...object, apiVersion });
  const { resourceVersion: _, ...metadata } = converted.metadata;
  return { ...converted, metadata };
}
