import type { KubeObject } from "#machinery";
import { columnsFor } from "../table/index.ts";
import { behaviourOf } from "./behaviour.ts";
import { checkNode, pruneNode } from "./decode.ts";
import type { KindSchema, OtherSubresource, ResourceDefinition } from "./definition.ts";
import { typeNode } from "./node.ts";
import { kindTable, type ResourceFacts } from "./table.ts";

let definitions: readonly ResourceDefinition[] | undefined;

/** Every resource of Kubernetes' own groups, in their stable versions, as discovery lists them. Made once. */
export function builtinDefinitions(): readonly ResourceDefinition[] {
  definitions ??= kindTable.resources.map(definitionOf);
  return definitions;
}

function definitionOf(facts: ResourceFacts): ResourceDefinition {
  const verbs = facts.verbs.split(" ");
  const behaviour = behaviourOf(facts);
  const table = columnsFor(facts.group, facts.resource);
  return {
    group: facts.group,
    version: facts.version,
    resource: facts.resource,
    singular: facts.singular,
    kind: facts.kind,
    listKind: `${facts.kind}List`,
    namespaced: facts.namespaced,
    shortNames: facts.shortNames ?? [],
    categories: facts.categories ?? [],
    verbs,
    origin: "builtin",
    subresources: subresourcesOf(facts),
    schema: schemaOf(facts),
    columns: table.columns,
    cells: table.cells,
    ...(verbs.includes("update") ? {} : { virtual: true }),
    ...behaviour,
  };
}

function schemaOf(facts: ResourceFacts): KindSchema {
  const behaviour = behaviourOf(facts);
  return {
    get root() {
      return typeNode(facts.type);
    },
    check: (object) => checkNode(object, typeNode(facts.type), { path: "", goPath: "", owner: facts.kind }),
    prune: (object) => pruneNode(object, typeNode(facts.type)) as KubeObject,
    applyDefaults: behaviour.applyDefaults,
    validate: behaviour.validate,
  };
}

function subresourcesOf(facts: ResourceFacts): ResourceDefinition["subresources"] {
  const all = (facts.subresources ?? []).map((text) => otherSubresource(text, facts));
  const hasScale = all.some(({ name }) => name === "scale");
  const others = all.filter(({ name }) => name !== "status" && name !== "scale");
  return {
    status: all.some(({ name }) => name === "status"),
    ...(hasScale ? { scale: scalePaths } : {}),
    ...(others.length > 0 ? { others } : {}),
  };
}

const scalePaths = {
  specReplicasPath: ".spec.replicas",
  statusReplicasPath: ".status.replicas",
  labelSelectorPath: ".spec.selector",
};

function otherSubresource(text: string, facts: ResourceFacts): OtherSubresource {
  const [name = "", verbs = "", kindText] = text.split(" ");
  const [group = facts.group, version = facts.version, kind = facts.kind] = kindText?.split("/") ?? [];
  return { name, verbs: verbs.split(","), kind: { group, version, kind } };
}
