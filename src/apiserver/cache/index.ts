/** What is stored, decoded once, frozen, shared by everybody who reads or watches it. */
export { CacheSet, storagePrefix } from "./cache-set.ts";
export { CacheEntry, decodeStored, encodeStored } from "./entry.ts";
export type { CacheEvent, ResourceCache } from "./resource-cache.ts";
export { plainEvent, watchCache } from "./watch.ts";
