import { type ApiResource, ageColumn, karmadaCategory, schema as s, withStatus } from "#api/schema";

const evidence = s.object({
  contentHash: s.string,
  generation: s.int64,
  resourceVersion: s.string,
  uid: s.string,
});

const adoptionSchema = s.rootSchema({
  "spec*": s.object({
    adoptedAt: s.dateTime,
    "cluster*": s.string,
    "hub*": s.string,
    "origin*": s.oneOfStrings("Adopted", "Created"),
    original: s.freeObject,
    "target*": s.object({
      "apiVersion*": s.string,
      "kind*": s.string,
      "name*": s.string,
      namespace: s.string,
      uid: s.string,
    }),
  }),
  status: s.object({
    after: evidence,
    before: evidence,
    conditions: s.listByKeys(s.condition, "type"),
    desiredHash: s.string,
    lastApplied: s.freeObject,
    lastWriteTime: s.dateTime,
    liveHash: s.string,
    message: s.string,
    observedResourceVersion: s.string,
    reason: s.string,
    releasedAt: s.dateTime,
    state: s.oneOfStrings("Pending", "Adopted", "Created", "Refused", "Released", "Deleted"),
    unmanagedFields: s.list(s.string),
    writes: s.int64,
  }),
});

/** migration.drover.io/v1alpha1 */
export const migrationResources: readonly ApiResource[] = [
  {
    group: "migration.drover.io",
    kind: "Adoption",
    plural: "adoptions",
    namespaced: true,
    shortNames: ["adp"],
    categories: karmadaCategory,
    versions: [
      {
        name: "v1alpha1",
        schema: adoptionSchema,
        subresources: withStatus,
        columns: [
          { name: "KIND", type: "string", jsonPath: ".spec.target.kind" },
          { name: "NAMESPACE", type: "string", jsonPath: ".spec.target.namespace" },
          { name: "NAME", type: "string", jsonPath: ".spec.target.name" },
          { name: "STATE", type: "string", jsonPath: ".status.state" },
          ageColumn,
        ],
      },
    ],
  },
];
