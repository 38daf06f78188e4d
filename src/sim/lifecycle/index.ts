import { types } from "../kinds.ts";
import type { TokenClaims } from "../tokens.ts";
import { claimController, volumeController } from "./claims.ts";
import { daemonSetController } from "./daemon-sets.ts";
import { deploymentController } from "./deployments.ts";
import { jobController } from "./jobs.ts";
import { namespaceController } from "./namespaces.ts";
import { podController } from "./pods.ts";
import { replicaSetController } from "./replica-sets.ts";
import { autoscalerController, budgetController } from "./scaling.ts";
import { endpointController } from "./services.ts";
import { statefulSetController } from "./stateful-sets.ts";
import { tokenController } from "./tokens.ts";
import type { World } from "./world.ts";

const controllers = [
  namespaceController,
  claimController,
  volumeController,
  deploymentController,
  replicaSetController,
  statefulSetController,
  daemonSetController,
  jobController,
  podController,
  endpointController,
];

/** Starts every controller; those of kinds that older servers lack only where they are served. */
export function runControllers(world: World, sign: (claims: TokenClaims) => string): void {
  world.run(tokenController(world, sign));
  for (const controller of controllers) world.run(controller(world));
  if (world.serves(types.autoscalers)) world.run(autoscalerController(world));
  if (world.serves(types.budgets)) world.run(budgetController(world));
}
