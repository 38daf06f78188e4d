import {
  conflictResolutionSchema,
  failoverSchema,
  placementSchema,
  suspensionFields,
  tolerationsSchema,
} from "#api/policy";
import { type ApiResource, ageColumn, karmadaCategory, schema as s, withStatus } from "#api/schema";

const group = "work.karmada.io";
const categories = karmadaCategory;
const health = s.oneOfStrings("Healthy", "Unhealthy", "Unknown");

const workSchema = s.rootSchema({
  "spec*": s.object({
    preserveResourcesOnDeletion: s.boolean,
    suspendDispatching: s.boolean,
    workload: s.object({ manifests: s.list(s.freeObject) }),
  }),
  status: s.object({
    conditions: s.list(s.condition),
    manifestStatuses: s.list(
      s.object({
        health,
        "identifier*": s.object({
          group: s.string,
          "kind*": s.string,
          "name*": s.string,
          namespace: s.string,
          "ordinal*": s.integer,
          "resource*": s.string,
          "version*": s.string,
        }),
        status: s.freeObject,
      }),
    ),
  }),
});

const atomicMap = { "x-kubernetes-map-type": "atomic" };
const nodeTerm = s.object(
  { matchExpressions: s.atomicList(s.selectorRequirement), matchFields: s.atomicList(s.selectorRequirement) },
  atomicMap,
);
const nodeClaim = s.object({
  hardNodeAffinity: s.object({ "nodeSelectorTerms*": s.atomicList(nodeTerm) }, atomicMap),
  nodeSelector: s.map(s.string),
  tolerations: tolerationsSchema,
});
const requirementFields = { nodeClaim, priorityClassName: s.string, resourceRequest: s.map(s.quantity) };
const targetClusters = s.list(
  s.object({
    components: s.list(s.object({ "name*": s.string, "replicas*": s.int32 })),
    "name*": s.string,
    replicas: s.int32,
  }),
);

const evictionTask = s.object({
  clustersBeforeFailover: s.list(s.string),
  creationTimestamp: s.dateTime,
  "fromCluster*": s.string,
  gracePeriodSeconds: s.int32,
  message: { type: "string", maxLength: 1024 },
  preservedLabelState: s.map(s.string),
  "producer*": s.string,
  purgeMode: s.oneOfStrings("Directly", "Gracefully", "Never"),
  "reason*": { type: "string", minLength: 1, maxLength: 32, pattern: s.reasonPattern },
  replicas: s.int32,
  suppressDeletion: s.boolean,
});

const bindingSpec = s.object({
  clusters: targetClusters,
  components: s.list(
    s.object({
      "name*": { type: "string", maxLength: 32 },
      replicaRequirements: s.object(requirementFields),
      "replicas*": s.int32,
    }),
  ),
  conflictResolution: conflictResolutionSchema,
  failover: failoverSchema,
  gracefulEvictionTasks: s.list(evictionTask),
  placement: placementSchema,
  preserveResourcesOnDeletion: s.boolean,
  propagateDeps: s.boolean,
  replicaRequirements: s.object({ ...requirementFields, namespace: s.string }),
  replicas: s.int32,
  requiredBy: s.list(s.object({ clusters: targetClusters, "name*": s.string, namespace: s.string })),
  rescheduleTriggeredAt: s.dateTime,
  "resource*": s.object({
    "apiVersion*": s.string,
    "kind*": s.string,
    "name*": s.string,
    namespace: s.string,
    resourceVersion: s.string,
    uid: s.string,
  }),
  schedulePriority: s.object({ priority: s.withDefault(s.int32, 0) }),
  schedulerName: s.string,
  suspension: s.object({ ...suspensionFields, scheduling: s.boolean }),
  workloadAffinityGroups: s.object({ affinityGroup: s.string, antiAffinityGroup: s.string }),
});

const bindingSchema = s.rootSchema({
  "spec*": bindingSpec,
  status: s.object({
    aggregatedStatus: s.list(
      s.object({
        applied: s.boolean,
        appliedMessage: s.string,
        "clusterName*": s.string,
        health,
        status: s.freeObject,
      }),
    ),
    conditions: s.list(s.condition),
    lastScheduledTime: s.dateTime,
    schedulerObservedGeneration: s.int64,
    schedulerObservingAffinityName: s.string,
  }),
});

const bindingVersion = {
  name: "v1alpha2",
  schema: bindingSchema,
  subresources: withStatus,
  columns: [
    { name: "SCHEDULED", type: "string", jsonPath: '.status.conditions[?(@.type=="Scheduled")].status' },
    { name: "FULLYAPPLIED", type: "string", jsonPath: '.status.conditions[?(@.type=="FullyApplied")].status' },
    ageColumn,
  ],
};

/** work.karmada.io: Work v1alpha1, bindings v1alpha2. The bindings' v1alpha1 is not served. */
export const workResources: readonly ApiResource[] = [
  {
    group,
    kind: "Work",
    plural: "works",
    namespaced: true,
    shortNames: ["wk"],
    categories,
    versions: [
      {
        name: "v1alpha1",
        schema: workSchema,
        subresources: withStatus,
        columns: [
          { name: "WORKLOAD-KIND", type: "string", jsonPath: ".spec.workload.manifests[*].kind" },
          { name: "APPLIED", type: "string", jsonPath: '.status.conditions[?(@.type=="Applied")].status' },
          ageColumn,
        ],
      },
    ],
  },
  {
    group,
    kind: "ResourceBinding",
    plural: "resourcebindings",
    namespaced: true,
    shortNames: ["rb"],
    categories,
    versions: [bindingVersion],
  },
  {
    group,
    kind: "ClusterResourceBinding",
    plural: "clusterresourcebindings",
    namespaced: false,
    shortNames: ["crb"],
    categories,
    versions: [bindingVersion],
  },
];
