import { expect, test } from "vitest";
import { type StructuralSchema, schema as s } from "#api/schema";
import type { KubeObject } from "#machinery";
import { withCrdDefaults } from "./defaults.ts";
import { crdDefinitions, hubDefinitions, ownDefinitions } from "./index.ts";
import { statusFor } from "./names.ts";
import type { CrdVersion, CustomResourceDefinition } from "./types.ts";
import { crdProblems } from "./validate.ts";

const now = "2026-01-01T00:00:00Z";
const version = (more: Partial<CrdVersion> = {}): CrdVersion => ({
  name: "v1",
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: "object", properties: { spec: s.object({ size: s.integer }) } } },
  ...more,
});

function widgets(spec: Partial<CustomResourceDefinition["spec"]> = {}, name = "widgets"): CustomResourceDefinition {
  return withCrdDefaults({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${name}.example.com` },
    spec: {
      group: "example.com",
      names: { plural: name, kind: "Widget", shortNames: ["wd"] },
      scope: "Namespaced",
      versions: [version()],
      ...spec,
    },
  } as CustomResourceDefinition) as CustomResourceDefinition;
}

const problems = (crd: CustomResourceDefinition, old?: CustomResourceDefinition): readonly string[] =>
  crdProblems(crd, old).map(({ field, message }) => `${field}: ${message}`);
const withSpecSchema = (properties: Readonly<Record<string, StructuralSchema>>): CustomResourceDefinition =>
  widgets({
    versions: [
      version({ schema: { openAPIV3Schema: { type: "object", properties: { spec: s.object(properties) } } } }),
    ],
  });

test("a new definition gets its names, conversion and stored version", () => {
  const { spec, status } = widgets();
  expect([spec.names, spec.conversion, status]).toEqual([
    { plural: "widgets", kind: "Widget", shortNames: ["wd"], singular: "widget", listKind: "WidgetList" },
    { strategy: "None" },
    { acceptedNames: { kind: "", plural: "" }, conditions: null, storedVersions: ["v1"] },
  ]);
});

test("a valid definition has no problem, and defaults are complete after one pass", () => {
  expect([problems(widgets()), withCrdDefaults(widgets())]).toEqual([[], widgets()]);
});

test("names go to who had them first, and the other one is told which is taken", () => {
  const first = { ...widgets(), status: statusFor(widgets(), [], now) };
  const gadgets = widgets(
    { names: { plural: "gadgets", kind: "Widget", singular: "gadget", listKind: "GadgetList" } },
    "gadgets",
  );
  const refused = statusFor(gadgets, [first], now);
  const after = statusFor({ ...gadgets, status: refused }, [], now);
  const told = (status: typeof refused): unknown => [
    status.acceptedNames?.kind,
    ...(status.conditions ?? []).map(
      ({ type, status: value, reason, message }) => `${type} ${value} ${reason} ${message}`,
    ),
  ];
  expect([told(first.status), told(refused), told(after)]).toEqual([
    [
      "Widget",
      "NamesAccepted True NoConflicts no conflicts found",
      "Established True InitialNamesAccepted the initial names have been accepted",
    ],
    [
      "",
      'NamesAccepted False KindConflict "Widget" is already in use',
      "Established False NotAccepted not all names are accepted",
    ],
    [
      "Widget",
      "NamesAccepted True NoConflicts no conflicts found",
      "Established True InitialNamesAccepted the initial names have been accepted",
    ],
  ]);
});

test("a definition that is wrong in itself is refused as a real API server does", () => {
  const told = [
    ...problems({ ...widgets(), metadata: { name: "gadgets.example.com" } }),
    ...problems(widgets({ scope: "Global" })),
    ...problems(widgets({ conversion: { strategy: "Magic" } })),
    ...problems(widgets({ preserveUnknownFields: true })),
    ...problems(widgets({ versions: [version({ schema: {} })] })),
    ...problems(widgets({ versions: [version({ deprecationWarning: "old" })] })),
  ];
  expect(told).toEqual([
    'metadata.name: Invalid value: "gadgets.example.com": must be spec.names.plural+"."+spec.group',
    'spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"',
    'spec.conversion.strategy: Unsupported value: "Magic": supported values: "None", "Webhook"',
    "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
    "spec.versions[0].schema.openAPIV3Schema: Required value",
    'spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions',
  ]);
});

test("a schema that is not structural is refused with the path of each fault", () => {
  const faulty = withSpecSchema({
    a: {},
    b: { type: "text" },
    c: { type: "array" },
    d: { ...s.string, uniqueItems: true, pattern: "(" },
    e: { ...s.integer, anyOf: [{ type: "integer" }] },
    f: { ...s.list(s.string), "x-kubernetes-list-type": "map" },
  });
  const path = "spec.validation.openAPIV3Schema.properties[spec]";
  expect(problems(faulty)).toEqual([
    `${path}.properties[a].type: Required value: must not be empty for specified object fields`,
    `${path}.properties[b].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
    `${path}.properties[c].items: Required value: must be specified`,
    `${path}.properties[d].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    `${path}.properties[d].pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
    `${path}.properties[e].anyOf[0].type: Forbidden: must be empty to be structural`,
    `${path}.properties[f].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
    `${path}.properties[f].items.type: Invalid value: "string": must be object if parent array's x-kubernetes-list-type is map`,
  ]);
});

test("columns and selectable fields that cannot be read are refused", () => {
  const additionalPrinterColumns = [
    { name: "A", type: "int", jsonPath: "spec.a" },
    { name: "", type: "string", jsonPath: ".spec.a[", format: "hex" },
  ];
  const selectableFields = [".spec.b", ".spec.size", ".spec.size", ".metadata.name"].map((jsonPath) => ({ jsonPath }));
  expect(problems(widgets({ versions: [version({ additionalPrinterColumns, selectableFields })] }))).toEqual([
    'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec.a": must be a simple json path starting with .',
    'spec.additionalPrinterColumns[0].type: Invalid value: "int": must be one of boolean,date,integer,number,string',
    'spec.additionalPrinterColumns[1].JSONPath: Invalid value: ".spec.a[": must be a simple json path starting with .',
    'spec.additionalPrinterColumns[1].format: Invalid value: "hex": must be one of byte,date,date-time,double,float,int32,int64,password',
    "spec.additionalPrinterColumns[1].name: Required value",
    'spec.selectableFields[0].jsonPath: Invalid value: ".spec.b": is an invalid path: does not refer to a valid field',
    'spec.selectableFields[2].jsonPath: Duplicate value: ".spec.size"',
    'spec.selectableFields[3].jsonPath: Invalid value: ".metadata.name": is an invalid path: does not refer to a valid field',
  ]);
});

test("a default has to satisfy the schema beside it", () => {
  const path = "spec.validation.openAPIV3Schema.properties[spec].properties[a].default";
  expect([
    ...problems(withSpecSchema({ a: { ...s.integer, default: "x" } })),
    ...problems(withSpecSchema({ a: { ...s.object({ b: s.string }), default: { c: 1 } } })),
    ...problems(withSpecSchema({ a: { ...s.object({ "b*": s.string }), default: {} } })),
  ]).toEqual([
    `${path}: Invalid value: "string":  in body must be of type integer: "string"`,
    `${path}: Invalid value: {"c":1}: must not have unknown fields`,
    `${path}.b: Required value`,
  ]);
});

test("scope and kind of an established definition stay, and a stored version cannot go", () => {
  const old = { ...widgets(), status: { ...widgets().status, ...statusFor(widgets(), [], now) } };
  const changed = { ...old, spec: { ...old.spec, scope: "Cluster", versions: [version({ name: "v2" })] } };
  expect(problems(changed, old)).toEqual([
    'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    'spec.scope: Invalid value: "Cluster": field is immutable',
  ]);
});

test("each served version is a definition over one storage, and conversion changes the apiVersion", () => {
  const schema = {
    openAPIV3Schema: { type: "object", properties: { spec: s.object({ size: s.withDefault(s.integer, 1) }) } },
  };
  const crd = widgets({
    versions: [
      version({ name: "v1beta1", storage: false }),
      version({ schema }),
      version({ name: "v0", served: false }),
    ],
  });
  const [beta, stable, ...rest] = crdDefinitions(crd);
  const object = { apiVersion: "example.com/v1beta1", kind: "Widget", metadata: { name: "a" }, spec: {} };
  expect([beta?.version, stable?.version, rest, beta?.storage, beta?.convert?.(object, "example.com/v1")]).toEqual([
    "v1beta1",
    "v1",
    [],
    { group: "example.com", resource: "widgets", version: "v1" },
    { ...object, apiVersion: "example.com/v1", spec: { size: 1 } },
  ]);
});

test("columns, selectable fields and scale come from the definition", () => {
  const columns = [
    { name: "Size", type: "integer", jsonPath: ".spec.size" },
    { name: "Tags", type: "string", jsonPath: ".spec.tags" },
    { name: "Missing", type: "string", jsonPath: ".spec.none" },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ];
  const scale = { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" };
  const [definition] = crdDefinitions(
    widgets({
      versions: [
        version({
          additionalPrinterColumns: columns,
          selectableFields: [{ jsonPath: ".spec.size" }],
          subresources: { scale },
        }),
      ],
    }),
  );
  const metadata = { name: "a", creationTimestamp: "2026-01-01T00:00:00Z" };
  const object: KubeObject = { apiVersion: "example.com/v1", kind: "Widget", metadata, spec: { size: 3, tags: ["x"] } };
  expect([
    definition?.columns.map(({ name }) => name),
    definition?.cells(object, Date.UTC(2026, 0, 1, 0, 5)),
    definition?.selectableFields["spec.size"]?.(object),
    definition?.subresources,
  ]).toEqual([
    ["Name", "Size", "Tags", "Missing", "Age"],
    ["a", 3, '["x"]', null, "5m"],
    "3",
    { status: false, scale },
  ]);
});

test("our own kinds show Karmada's columns", () => {
  const titles = Object.fromEntries(
    ownDefinitions().map(({ kind, columns }) => [kind, columns.map(({ name }) => name.toUpperCase()).join(" ")]),
  );
  expect(titles).toMatchObject({
    PropagationPolicy: "NAME CONFLICT-RESOLUTION PRIORITY AGE",
    Work: "NAME WORKLOAD-KIND APPLIED AGE",
    ResourceBinding: "NAME SCHEDULED FULLYAPPLIED AGE",
    OverridePolicy: "NAME AGE",
    Cluster: "NAME VERSION MODE READY AGE ZONES REGION PROVIDER API-ENDPOINT PROXY-URL",
    Adoption: "NAME KIND NAMESPACE NAME STATE AGE",
  });
});

test("a Cluster's row says Unknown and <none> where nothing is known", () => {
  const cluster = ownDefinitions().find(({ kind }) => kind === "Cluster");
  const object: KubeObject = {
    apiVersion: "cluster.karmada.io/v1alpha1",
    kind: "Cluster",
    metadata: { name: "m1", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { syncMode: "Push", zones: ["a", "b"] },
  };
  expect(cluster?.cells(object, Date.UTC(2026, 0, 1, 0, 0, 30))).toEqual([
    "m1",
    "",
    "Push",
    "Unknown",
    "30s",
    "a,b",
    "<none>",
    "<none>",
    "<none>",
    "<none>",
  ]);
});

test("a hub serves Kubernetes' kinds and our own, each once", () => {
  const names = hubDefinitions().map(({ group, version: name, resource }) => `${group}/${name}/${resource}`);
  expect([
    new Set(names).size,
    names.includes("apps/v1/deployments"),
    names.includes("work.karmada.io/v1alpha2/resourcebindings"),
  ]).toEqual([names.length, true, true]);
});
