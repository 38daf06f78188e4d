import type { ResourceDefinition } from "../kinds/definition.ts";
import { builtinDefinitions } from "../kinds/index.ts";
import { withCrdDefaults } from "./defaults.ts";
import { ownDefinitions } from "./karmada.ts";
import { heldForCleanup } from "./names.ts";
import type { CustomResourceDefinition } from "./types.ts";
import { crdProblems } from "./validate.ts";

/** What a hub serves before anybody adds to it: Kubernetes' kinds, with CustomResourceDefinitions that mean something, and our own. */
export function hubDefinitions(): readonly ResourceDefinition[] {
  return [...clusterDefinitions(), ...ownDefinitions()];
}

/** What any Kubernetes cluster serves from its beginning, without Karmada's kinds and ours. */
export function clusterDefinitions(): readonly ResourceDefinition[] {
  return builtinDefinitions().map(withCrdRules);
}

/** The kind CustomResourceDefinition with its defaults and validation; any other kind as it is. */
function withCrdRules(definition: ResourceDefinition): ResourceDefinition {
  if (definition.resource !== "customresourcedefinitions") return definition;
  const { schema } = definition;
  return {
    ...definition,
    beforeDelete: (object, nowIso) => heldForCleanup(object as CustomResourceDefinition, nowIso),
    schema: {
      get root() {
        return schema.root;
      },
      check: (object) => schema.check(object),
      prune: (object) => schema.prune(object),
      applyDefaults: withCrdDefaults,
      validate: (object, old) =>
        crdProblems(object as CustomResourceDefinition, old as CustomResourceDefinition | undefined),
    },
  };
}
