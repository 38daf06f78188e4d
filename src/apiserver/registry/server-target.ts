import type { User } from "../contract.ts";
import type { ResourceDefinition } from "../kinds/definition.ts";
import type { Target } from "./target.ts";

const server: User = { name: "system:apiserver", groups: ["system:masters"] };

/** A write of the server itself. */
export const serverTarget = (definition: ResourceDefinition, namespace: string, name: string): Target => ({
  definition,
  subresource: "",
  namespace,
  name,
  user: server,
  dryRun: false,
  warnings: [],
});
