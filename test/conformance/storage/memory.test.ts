import { createMemoryStorage } from "#storage/memory";
import { storageConformance } from "./suite.ts";

storageConformance("memory", async () => createMemoryStorage());
storageConformance("memory with a start revision", async () => createMemoryStorage({ startRevision: 5_000 }));
