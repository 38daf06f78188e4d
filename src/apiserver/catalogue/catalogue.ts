import type { ResourceCatalogue, ResourceDefinition } from "../kinds/definition.ts";

/** A catalogue whose definitions come from several sources, each of which can replace its own. */
export interface ChangeableCatalogue extends ResourceCatalogue {
  /** @param source who defines them: `builtin`, or the name of a CRD. No definitions remove the source. */
  set(source: string, definitions: readonly ResourceDefinition[]): void;
}

const idOf = (group: string, version: string, resource: string): string => `${group}/${version}/${resource}`;

export function createCatalogue(): ChangeableCatalogue {
  const sources = new Map<string, readonly ResourceDefinition[]>();
  const listeners = new Set<() => void>();
  let all: readonly ResourceDefinition[] = [];
  let byId = new Map<string, ResourceDefinition>();

  function rebuild(): void {
    all = [...sources.values()].flat();
    // The first to define a resource keeps it: a CRD cannot take a built-in one over.
    byId = new Map();
    for (const definition of all) {
      const id = idOf(definition.group, definition.version, definition.resource);
      if (!byId.has(id)) byId.set(id, definition);
    }
    for (const listener of listeners) listener();
  }

  return {
    find: (group, version, resource) => byId.get(idOf(group, version, resource)),
    all: () => all,
    versions: (group) => {
      const versions = new Set(all.filter((one) => one.group === group).map((one) => one.version));
      return [...versions].sort(compareVersions);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(source, definitions) {
      if (definitions.length === 0) sources.delete(source);
      else sources.set(source, definitions);
      rebuild();
    },
  };
}

const stages = ["alpha", "beta", ""];

/** Kubernetes' order of versions: v10, v2, v1, v11beta2, v3alpha1, then others by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionRank(a), versionRank(b)];
  if (left === undefined || right === undefined) {
    if (left === right) return a < b ? -1 : 1;
    return left === undefined ? 1 : -1;
  }
  const at = left.findIndex((part, index) => part !== right[index]);
  return at < 0 ? 0 : (right[at] ?? 0) - (left[at] ?? 0);
}

function versionRank(version: string): readonly number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return undefined;
  return [stages.indexOf(match[2] ?? ""), Number(match[1]), Number(match[3] ?? 0)];
}
