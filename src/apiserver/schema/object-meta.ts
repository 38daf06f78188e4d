import { type StructuralSchema, schema as s } from "#api/schema";

const ownerReference = s.object({
  apiVersion: s.string,
  blockOwnerDeletion: s.boolean,
  controller: s.boolean,
  kind: s.string,
  name: s.string,
  uid: s.string,
});

/** metav1.ObjectMeta: what every object may carry, whatever its own schema says. */
export const objectMetaSchema: StructuralSchema = s.object({
  annotations: s.map(s.string),
  creationTimestamp: { ...s.string, nullable: true },
  deletionGracePeriodSeconds: s.int64,
  deletionTimestamp: { ...s.string, nullable: true },
  finalizers: s.list(s.string),
  generateName: s.string,
  generation: s.int64,
  labels: s.map(s.string),
  managedFields: s.list(
    s.object({
      apiVersion: s.string,
      fieldsType: s.string,
      fieldsV1: s.freeObject,
      manager: s.string,
      operation: s.string,
      subresource: s.string,
      time: { ...s.string, nullable: true },
    }),
  ),
  name: s.string,
  namespace: s.string,
  ownerReferences: s.listByKeys(ownerReference, "uid"),
  resourceVersion: s.string,
  selfLink: s.string,
  uid: s.string,
});
