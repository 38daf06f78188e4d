import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { crdFor } from "#api/schema";
import { apiResources } from "./index.ts";

/** Karmada's published manifests lie beside the checkout where this is developed; they are not part of the repository. */
const published = ["../shared", "../../shared"]
  .map((folder) => join(process.cwd(), folder, "karmada-crds"))
  .find((folder) => existsSync(folder));

const karmada = apiResources.filter(({ group }) => group === "policy.karmada.io" || group === "work.karmada.io");

describe.skipIf(published === undefined)(
  "against Karmada's published CRDs (skipped where they are not at hand)",
  () => {
    for (const resource of karmada) {
      test(`${resource.kind} has Karmada's names, schema, columns and subresources`, () => {
        const file = join(published ?? "", `${resource.group}_${resource.plural}.yaml`);
        const theirs = load(readFileSync(file, "utf8")) as { spec: Record<string, unknown> };
        const ours = crdFor(resource).spec as Record<string, unknown>;
        const served = resource.versions.map((version) => version.name);
        expect(comparable(ours, served)).toEqual(comparable(theirs.spec, served));
      });
    }
  },
);

test("every kind has one storage version and a name that is its plural and group", () => {
  const stored = apiResources
    .map((resource) => crdFor(resource))
    .map(({ metadata, spec }) => {
      const { group, names, versions } = spec as {
        group: string;
        names: { plural: string };
        versions: readonly { storage: boolean }[];
      };
      return metadata.name === `${names.plural}.${group}` && versions.filter(({ storage }) => storage).length === 1;
    });
  expect(stored).toEqual(apiResources.map(() => true));
});

function comparable(spec: Record<string, unknown>, served: readonly string[]): unknown {
  const versions = (spec.versions as readonly { name: string }[]).filter(({ name }) => served.includes(name));
  return withoutProse({ ...spec, versions }, false);
}

/** Leaves out descriptions, and sorts lists of names whose order means nothing. */
function withoutProse(value: unknown, properties: boolean): unknown {
  if (Array.isArray(value)) return value.map((element) => withoutProse(element, false));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, child]) => properties || name !== "description" || typeof child !== "string")
      .map(([name, child]) => [
        name,
        name === "required" && Array.isArray(child) ? [...child].sort() : withoutProse(child, name === "properties"),
      ]),
  );
}
