/** Storage in memory, for tests and the simulator: `createMemoryStorage()`. Nothing survives `close`. */
export { createMemoryStorage } from "./memory-storage.ts";
