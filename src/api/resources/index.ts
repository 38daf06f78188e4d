/** Every kind that Karmada's and Drover's API groups define, as data: the API server serves them, `crdFor` installs them elsewhere. */
import { clusterResources } from "#api/cluster";
import { migrationResources } from "#api/migration";
import { policyResources } from "#api/policy";
import type { ApiResource } from "#api/schema";
import { workResources } from "#api/work";

export const apiResources: readonly ApiResource[] = [
  ...policyResources,
  ...workResources,
  ...clusterResources,
  ...migrationResources,
];
