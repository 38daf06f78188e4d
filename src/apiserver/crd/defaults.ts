import type { KubeObject } from "#machinery";
import type { CustomResourceDefinition } from "./types.ts";

/** A CustomResourceDefinition as it is stored: names, conversion, and the list of versions that storage may hold. */
export function withCrdDefaults(object: KubeObject): KubeObject {
  const crd = object as CustomResourceDefinition;
  const { spec } = crd;
  if (typeof spec !== "object" || spec === null) return object;
  const { preserveUnknownFields, ...rest } = spec;
  return {
    ...crd,
    spec: {
      ...(preserveUnknownFields === true ? spec : rest),
      conversion: spec.conversion ?? { strategy: "None" },
      ...(typeof spec.names === "object" && spec.names !== null ? { names: withDefaultNames(spec.names) } : {}),
    },
    status: withStoredVersion(crd),
  };
}

function withDefaultNames(names: CustomResourceDefinition["spec"]["names"]): CustomResourceDefinition["spec"]["names"] {
  const { kind, singular = "", listKind = "" } = names;
  if (typeof kind !== "string" || kind === "") return names;
  return {
    ...names,
    singular: singular === "" ? kind.toLowerCase() : singular,
    listKind: listKind === "" ? `${kind}List` : listKind,
  };
}

const emptyStatus = { acceptedNames: { kind: "", plural: "" }, conditions: null };

function withStoredVersion(crd: CustomResourceDefinition): unknown {
  const status = crd.status ?? (emptyStatus as object);
  const before: readonly string[] = crd.status?.storedVersions ?? [];
  const versions = Array.isArray(crd.spec.versions) ? crd.spec.versions : [];
  const stored = versions.find((version) => version?.storage === true)?.name;
  const storedVersions = stored === undefined || before.includes(stored) ? before : [...before, stored];
  return storedVersions.length === 0 ? status : { ...status, storedVersions };
}
