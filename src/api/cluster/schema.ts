import { type ApiResource, ageColumn, schema as s, withStatus } from "#api/schema";

const secretRef = s.object({ "name*": s.string, "namespace*": s.string });
const quantities = s.map(s.quantity);

const clusterSchema = s.rootSchema({
  "spec*": s.object({
    apiEndpoint: s.string,
    id: { type: "string", maxLength: 128000 },
    impersonatorSecretRef: secretRef,
    insecureSkipTLSVerification: s.boolean,
    provider: s.string,
    proxyHeader: s.map(s.string),
    proxyURL: s.string,
    region: s.string,
    resourceModels: s.list(
      s.object({
        "grade*": s.integer,
        "ranges*": s.list(s.object({ "max*": s.quantity, "min*": s.quantity, "name*": s.string })),
      }),
    ),
    secretRef,
    "syncMode*": s.oneOfStrings("Push", "Pull"),
    taints: s.list(s.object({ "effect*": s.string, "key*": s.string, timeAdded: s.dateTime, value: s.string })),
    zone: s.string,
    zones: s.list(s.string),
  }),
  status: s.object({
    apiEnablements: s.list(
      s.object({
        "groupVersion*": s.string,
        resources: s.list(s.object({ "kind*": s.string, "name*": s.string })),
      }),
    ),
    conditions: s.list(s.condition),
    kubernetesVersion: s.string,
    nodeSummary: s.object({ readyNum: s.int32, totalNum: s.int32 }),
    remedyActions: s.list(s.string),
    resourceSummary: s.object({
      allocatable: quantities,
      allocatableModelings: s.list(s.object({ "count*": s.integer, "grade*": s.integer })),
      allocated: quantities,
      allocating: quantities,
    }),
  }),
});

/** cluster.karmada.io/v1alpha1 */
export const clusterResources: readonly ApiResource[] = [
  {
    group: "cluster.karmada.io",
    kind: "Cluster",
    plural: "clusters",
    namespaced: false,
    versions: [
      {
        name: "v1alpha1",
        schema: clusterSchema,
        subresources: withStatus,
        columns: [
          { name: "VERSION", type: "string", jsonPath: ".status.kubernetesVersion" },
          { name: "MODE", type: "string", jsonPath: ".spec.syncMode" },
          { name: "READY", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
          ageColumn,
          { name: "ZONES", type: "string", jsonPath: ".spec.zones", priority: 1 },
          { name: "REGION", type: "string", jsonPath: ".spec.region", priority: 1 },
          { name: "PROVIDER", type: "string", jsonPath: ".spec.provider", priority: 1 },
          { name: "API-ENDPOINT", type: "string", jsonPath: ".spec.apiEndpoint", priority: 1 },
          { name: "PROXY-URL", type: "string", jsonPath: ".spec.proxyURL", priority: 1 },
        ],
      },
    ],
  },
];
