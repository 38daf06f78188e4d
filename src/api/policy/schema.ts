import {
  type ApiResource,
  ageColumn,
  karmadaCategory,
  type StructuralSchema,
  schema as s,
  withStatus,
} from "#api/schema";

const group = "policy.karmada.io";
const categories = karmadaCategory;
const version = (schema: StructuralSchema) => ({ name: "v1alpha1", schema });

const affinityFields = {
  clusterNames: s.list(s.string),
  exclude: s.list(s.string),
  fieldSelector: s.fieldSelector,
  labelSelector: s.labelSelector,
};
const clusterAffinity = s.object(affinityFields);
const affinityTermFields = {
  "affinityName*": { type: "string", minLength: 1, maxLength: 32 },
  ...affinityFields,
};
const toleration = s.object({
  effect: s.string,
  key: s.string,
  operator: s.string,
  tolerationSeconds: s.int64,
  value: s.string,
});
/** core/v1 Tolerations. */
export const tolerationsSchema = s.list(toleration);

const replicaScheduling = s.object({
  replicaDivisionPreference: s.oneOfStrings("Aggregated", "Weighted"),
  replicaSchedulingType: s.withDefault(s.oneOfStrings("Duplicated", "Divided"), "Divided"),
  weightPreference: s.object({
    dynamicWeight: s.oneOfStrings("AvailableReplicas"),
    staticWeightList: s.list(s.object({ "targetCluster*": clusterAffinity, "weight*": { ...s.int64, minimum: 1 } })),
  }),
});
const byLabel = s.object({ "groupByLabelKey*": s.string });

/** Shared by policies and bindings. */
export const placementSchema = s.object({
  clusterAffinities: s.list(
    s.object({ ...affinityTermFields, overflowAffinities: s.list(s.object(affinityTermFields)) }),
  ),
  clusterAffinity,
  clusterTolerations: tolerationsSchema,
  replicaScheduling,
  spreadConstraints: s.list(
    s.object({
      maxGroups: s.integer,
      minGroups: s.integer,
      spreadByField: s.oneOfStrings("cluster", "region", "zone", "provider"),
      spreadByLabel: s.string,
    }),
  ),
  workloadAffinity: s.object({ affinity: byLabel, antiAffinity: byLabel }),
});

const statePreservation = s.object({
  "rules*": s.list(s.object({ "aliasLabelName*": s.string, "jsonPath*": s.string })),
});
export const failoverSchema = s.object({
  application: s.object({
    "decisionConditions*": s.object({ tolerationSeconds: s.withDefault(s.int32, 300) }),
    gracePeriodSeconds: s.int32,
    purgeMode: s.withDefault(s.oneOfStrings("Directly", "Gracefully", "Never"), "Gracefully"),
    statePreservation,
  }),
  cluster: s.object({
    purgeMode: s.withDefault(s.oneOfStrings("Directly", "Gracefully"), "Gracefully"),
    statePreservation,
  }),
});
export const conflictResolutionSchema = s.withDefault(s.oneOfStrings("Abort", "Overwrite"), "Abort");
export const suspensionFields = {
  dispatching: s.boolean,
  dispatchingOnClusters: s.object({ clusterNames: s.list(s.string) }),
};

const resourceSelector = s.object({
  "apiVersion*": s.string,
  "kind*": s.string,
  labelSelector: s.labelSelector,
  name: s.string,
  namespace: s.string,
});

const propagation = version(
  s.rootSchema({
    "spec*": s.object({
      activationPreference: s.oneOfStrings("Lazy"),
      association: s.boolean,
      conflictResolution: conflictResolutionSchema,
      dependentOverrides: s.list(s.string),
      failover: failoverSchema,
      placement: placementSchema,
      preemption: s.withDefault(s.oneOfStrings("Always", "Never"), "Never"),
      preserveResourcesOnDeletion: s.boolean,
      priority: s.withDefault(s.int32, 0),
      propagateDeps: s.boolean,
      "resourceSelectors*": s.list(resourceSelector, { minItems: 1 }),
      schedulePriority: s.object({
        "priorityClassName*": s.string,
        "priorityClassSource*": s.oneOfStrings("KubePriorityClass"),
      }),
      schedulerName: s.withDefault(s.string, "default-scheduler"),
      suspension: s.object(suspensionFields),
    }),
  }),
);

const operator = s.oneOfStrings("add", "remove", "replace");
const containerOverrider = s.list(
  s.object({ "containerName*": s.string, "operator*": s.oneOfStrings("add", "remove"), value: s.list(s.string) }),
);
const mapOverrider = s.list(s.object({ "operator*": operator, "value*": s.map(s.string) }));
const fieldPatches = s.list(s.object({ "operator*": operator, "subPath*": s.string, value: s.anything }));
const overriders = s.object({
  annotationsOverrider: mapOverrider,
  argsOverrider: containerOverrider,
  commandOverrider: containerOverrider,
  fieldOverrider: s.list(s.object({ "fieldPath*": s.string, json: fieldPatches, yaml: fieldPatches })),
  imageOverrider: s.list(
    s.object({
      "component*": s.oneOfStrings("Registry", "Repository", "Tag"),
      "operator*": operator,
      predicate: s.object({ "path*": s.string }),
      value: s.string,
    }),
  ),
  labelsOverrider: mapOverrider,
  plaintext: s.list(s.object({ "operator*": operator, "path*": s.string, value: s.anything })),
});
const override = version(
  s.rootSchema({
    "spec*": s.object({
      overrideRules: s.list(s.object({ "overriders*": overriders, targetCluster: clusterAffinity })),
      overriders,
      resourceSelectors: s.list(resourceSelector),
      targetCluster: clusterAffinity,
    }),
  }),
);

const quantities = s.map(s.quantity);
const quota = version(
  s.rootSchema({
    "spec*": s.object({
      "overall*": quantities,
      staticAssignments: s.list(s.object({ "clusterName*": s.string, "hard*": quantities })),
    }),
    status: s.object({
      aggregatedStatus: s.list(s.object({ "clusterName*": s.string, hard: quantities, used: quantities })),
      overall: quantities,
      overallUsed: quantities,
    }),
  }),
);

const matchConditions = s.list(
  s.object({ "conditionType*": s.string, "operator*": s.string, "statusValues*": s.list(s.string) }),
);
const taintPolicy = version(
  s.rootSchema({
    "spec*": s.object({
      addOnConditions: matchConditions,
      removeOnConditions: matchConditions,
      targetClusters: clusterAffinity,
      "taints*": s.list(s.object({ "effect*": s.string, "key*": s.string, value: s.string }), { minItems: 1 }),
    }),
  }),
);

const policyVersion = {
  ...propagation,
  subresources: {},
  columns: [
    { name: "CONFLICT-RESOLUTION", type: "string", jsonPath: ".spec.conflictResolution" },
    { name: "PRIORITY", type: "string", jsonPath: ".spec.priority" },
    ageColumn,
  ],
};

/** policy.karmada.io/v1alpha1 */
export const policyResources: readonly ApiResource[] = [
  {
    group,
    kind: "PropagationPolicy",
    plural: "propagationpolicies",
    namespaced: true,
    shortNames: ["pp"],
    categories,
    versions: [policyVersion],
  },
  {
    group,
    kind: "ClusterPropagationPolicy",
    plural: "clusterpropagationpolicies",
    namespaced: false,
    shortNames: ["cpp"],
    categories,
    versions: [policyVersion],
  },
  {
    group,
    kind: "OverridePolicy",
    plural: "overridepolicies",
    namespaced: true,
    shortNames: ["op"],
    categories,
    versions: [override],
  },
  {
    group,
    kind: "ClusterOverridePolicy",
    plural: "clusteroverridepolicies",
    namespaced: false,
    shortNames: ["cop"],
    categories,
    versions: [override],
  },
  {
    group,
    kind: "FederatedResourceQuota",
    plural: "federatedresourcequotas",
    namespaced: true,
    categories,
    versions: [
      {
        ...quota,
        subresources: withStatus,
        columns: [
          { name: "OVERALL", type: "string", jsonPath: ".status.overall" },
          { name: "OVERALL_USED", type: "string", jsonPath: ".status.overallUsed" },
        ],
      },
    ],
  },
  { group, kind: "ClusterTaintPolicy", plural: "clustertaintpolicies", namespaced: false, versions: [taintPolicy] },
];
