/** What is stored, decoded once, frozen, shared by everybody who reads or watches it. */
export { CacheSet, storagePrefix } from "./cache-set.ts";
export { CacheEntry, decodeStored, encodeStored, type View } from "./entry.ts";
export type { CacheEvent, ResourceCache } from "./resource-cache.ts";
export { plainEvent, type WatchRequest, watchCache } from "./watch.ts";
