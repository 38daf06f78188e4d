import { describe, expect, test } from "vitest";
import { isInvalid, isStatusError, type KubeObject } from "#machinery";
import type { AdmissionRequest } from "../contract.ts";
import { karmadaAdmission } from "./karmada.ts";

const uuid = "11111111-1111-4111-8111-111111111111";
const plugins = karmadaAdmission({ newUuid: () => uuid, clock: { now: () => Date.UTC(2026, 0, 1) } });
const resources: Readonly<Record<string, readonly [string, string]>> = {
  PropagationPolicy: ["policy.karmada.io", "propagationpolicies"],
  ClusterPropagationPolicy: ["policy.karmada.io", "clusterpropagationpolicies"],
  OverridePolicy: ["policy.karmada.io", "overridepolicies"],
  FederatedResourceQuota: ["policy.karmada.io", "federatedresourcequotas"],
  ClusterTaintPolicy: ["policy.karmada.io", "clustertaintpolicies"],
  Work: ["work.karmada.io", "works"],
  ResourceBinding: ["work.karmada.io", "resourcebindings"],
  Cluster: ["cluster.karmada.io", "clusters"],
};

function requestFor(object: KubeObject, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const [group, resource] = resources[object.kind] ?? ["", "configmaps"];
  const { name = "", namespace = "" } = object.metadata;
  const user = { name: "admin", groups: [] };
  const base = { operation: "CREATE", version: "v1alpha1", subresource: "", old: undefined, dryRun: false } as const;
  return { ...base, group, resource, name, namespace, object, user, ...more };
}

/** What the request ends as: the object admitted, or the messages of its refusal. */
function answerTo(request: AdmissionRequest): KubeObject | readonly string[] {
  let { object } = request;
  for (const { admit } of plugins) object = (admit?.({ ...request, object }) as KubeObject | undefined) ?? object;
  try {
    for (const { validate } of plugins) void validate?.({ ...request, object });
  } catch (error) {
    if (isInvalid(error)) return (error.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
    if (isStatusError(error)) return [`${error.code} ${error.message}`];
    throw error;
  }
  return object ?? [];
}

const selector = { apiVersion: "apps/v1", kind: "Deployment" };
const policy = (spec: Record<string, unknown>, kind = "PropagationPolicy"): KubeObject => ({
  apiVersion: "policy.karmada.io/v1alpha1",
  kind,
  metadata: { name: "cart", ...(kind.startsWith("Cluster") ? {} : { namespace: "shop" }) },
  spec: { ...(kind.endsWith("PropagationPolicy") ? { resourceSelectors: [selector] } : {}), ...spec },
});

/** The sentence after `Invalid value: ...: `, which is Karmada's. */
function refusals(object: KubeObject, more: Partial<AdmissionRequest> = {}): readonly string[] {
  const answer = answerTo(requestFor(object, more));
  return Array.isArray(answer)
    ? answer.map((text: string) =>
        text
          .replace(/^[^:]*: /, "")
          .replace(/^(Invalid value: .*(["\]}\d]|null|true): |Required value: |Forbidden: )/, ""),
      )
    : [];
}

test("a new policy gets its id, finalizer, namespaces and defaults", () => {
  const spec = {
    resourceSelectors: [selector, { apiVersion: "multicluster.x-k8s.io/v1alpha1", kind: "ServiceImport" }],
    placement: { spreadConstraints: [{}], replicaScheduling: { replicaSchedulingType: "Divided" } },
    failover: { application: { decisionConditions: {}, purgeMode: "Gracefully" } },
  };
  const id = "propagationpolicy.karmada.io/permanent-id";
  const written = { ...policy(spec), metadata: { name: "cart", namespace: "shop", labels: { [id]: "mine" } } };
  expect(answerTo(requestFor(written))).toEqual({
    ...written,
    metadata: {
      name: "cart",
      namespace: "shop",
      labels: { [id]: uuid },
      finalizers: ["karmada.io/propagation-policy-controller"],
    },
    spec: {
      resourceSelectors: spec.resourceSelectors.map((one) => ({ ...one, namespace: "shop" })),
      placement: {
        spreadConstraints: [{ spreadByField: "cluster", minGroups: 1 }],
        replicaScheduling: { replicaSchedulingType: "Divided", replicaDivisionPreference: "Weighted" },
      },
      failover: { application: { decisionConditions: {}, purgeMode: "Gracefully", gracePeriodSeconds: 600 } },
      propagateDeps: true,
    },
  });
});

test("a cluster-wide policy keeps its selectors as they are and gets the other id and finalizer", () => {
  const answer = answerTo(requestFor(policy({}, "ClusterPropagationPolicy"))) as KubeObject;
  expect([answer.metadata, answer.spec]).toEqual([
    {
      name: "cart",
      labels: { "clusterpropagationpolicy.karmada.io/permanent-id": uuid },
      finalizers: ["karmada.io/cluster-propagation-policy-controller"],
    },
    { resourceSelectors: [selector] },
  ]);
});

describe("policies are refused in Karmada's words:", () => {
  const named = { affinityName: "a", clusterNames: ["m1"] };
  const dynamic = { replicaDivisionPreference: "Weighted", weightPreference: { dynamicWeight: "AvailableReplicas" } };
  const cases: readonly (readonly [string, Record<string, unknown>])[] = [
    [
      "clusterAffinities cannot co-exist with clusterAffinity",
      { placement: { clusterAffinity: {}, clusterAffinities: [named] } },
    ],
    ["each affinity term in a policy must have a unique name", { placement: { clusterAffinities: [named, named] } }],
    [
      "overflowAffinities can only be used together with dynamic weight or aggregated scheduling",
      { placement: { clusterAffinities: [{ ...named, overflowAffinities: [{ affinityName: "b" }] }] } },
    ],
    [
      "overflowAffinities can only be used together with the inline ClusterAffinity",
      {
        placement: {
          clusterAffinities: [{ affinityName: "a", overflowAffinities: [{ affinityName: "b" }] }],
          replicaScheduling: dynamic,
        },
      },
    ],
    [
      "spreadByLabel should not co-exist with spreadByField",
      { placement: { spreadConstraints: [{ spreadByField: "cluster", spreadByLabel: "x" }] } },
    ],
    ["minGroups lower than 0 is not allowed", { placement: { spreadConstraints: [{ minGroups: -1 }] } }],
    [
      "maxGroups lower than minGroups is not allowed",
      { placement: { spreadConstraints: [{ minGroups: 2, maxGroups: 1 }] } },
    ],
    [
      "multiple region spread constraints are not allowed",
      {
        placement: {
          spreadConstraints: [{ spreadByField: "cluster" }, { spreadByField: "region" }, { spreadByField: "region" }],
        },
      },
    ],
    [
      "the cluster spread constraint must be enabled in one of the constraints in case of SpreadByField is enabled",
      { placement: { spreadConstraints: [{ spreadByField: "region" }] } },
    ],
    [
      "application failover is set, propagateDeps must be true",
      { failover: { application: { decisionConditions: {}, purgeMode: "Directly" } } },
    ],
    [
      "only takes effect when purgeMode is gracefully",
      {
        propagateDeps: true,
        failover: { application: { decisionConditions: {}, purgeMode: "Directly", gracePeriodSeconds: 1 } },
      },
    ],
    [
      "must be greater than 0",
      {
        propagateDeps: true,
        failover: { application: { decisionConditions: {}, purgeMode: "Gracefully", gracePeriodSeconds: 0 } },
      },
    ],
    [
      "namespace of resource selector must be the same as the namespace of the policy",
      { resourceSelectors: [{ ...selector, namespace: "other" }] },
    ],
    [
      "name cannot be empty if preemption is Always, the empty name may cause unexpected resources preemption",
      { preemption: "Always" },
    ],
    [
      "suspension dispatching cannot co-exist with dispatchingOnClusters.clusterNames",
      { suspension: { dispatching: true, dispatchingOnClusters: { clusterNames: ["m1"] } } },
    ],
    [
      "affinity and antiAffinity must not use the same groupByLabelKey",
      {
        placement: { workloadAffinity: { affinity: { groupByLabelKey: "a" }, antiAffinity: { groupByLabelKey: "a" } } },
      },
    ],
    [
      'unsupported key "planet", must be provider, region, or zone',
      {
        placement: {
          clusterAffinity: { fieldSelector: { matchExpressions: [{ key: "planet", operator: "In", values: ["x"] }] } },
        },
      },
    ],
    [
      'unsupported operator "Exists", must be In or NotIn',
      {
        placement: {
          clusterAffinity: {
            fieldSelector: { matchExpressions: [{ key: "zone", operator: "Exists", values: ["x"] }] },
          },
        },
      },
    ],
  ];
  for (const [message, spec] of cases) {
    test(message, () => {
      expect(refusals(policy(spec))).toEqual([message]);
    });
  }
});

test("a toleration with an ordering operator is refused", () => {
  const clusterTolerations = [{ key: "a", operator: "Gt", value: "1" }];
  expect(answerTo(requestFor(policy({ placement: { clusterTolerations } })))).toEqual([
    'spec.placement.clusterTolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists"',
  ]);
});

test("an update may change neither the scheduler nor the permanent id", () => {
  const key = "propagationpolicy.karmada.io/permanent-id";
  const old: KubeObject = {
    ...policy({ schedulerName: "default-scheduler" }),
    metadata: { name: "cart", namespace: "shop", labels: { [key]: "1" } },
  };
  const other = {
    ...old,
    metadata: { ...old.metadata, labels: { [key]: "2" } },
    spec: { ...(old.spec as object), schedulerName: "x" },
  };
  expect(refusals(other, { operation: "UPDATE", old })).toEqual([
    "the schedulerName should not be updated",
    `label ${key} is immutable, it can only be set by the system during creation`,
  ]);
});

test("override policies are refused in Karmada's words", () => {
  const overriders = { plaintext: [{ path: "/a", operator: "remove" }] };
  const field = { fieldPath: "/data/x" };
  const patch = { subPath: "/a", operator: "add", value: 1 };
  expect([
    ...refusals(policy({ overrideRules: [{ overriders }], targetCluster: {}, overriders }, "OverridePolicy")),
    ...refusals(policy({ overrideRules: [{ overriders: { fieldOverrider: [field] } }] }, "OverridePolicy")),
    ...refusals(
      policy({ overriders: { fieldOverrider: [{ ...field, json: [patch], yaml: [patch] }] } }, "OverridePolicy"),
    ),
    ...refusals(
      policy(
        {
          overriders: {
            fieldOverrider: [
              {
                ...field,
                json: [
                  { subPath: "/a", operator: "replace" },
                  { ...patch, operator: "remove" },
                ],
              },
            ],
          },
        },
        "OverridePolicy",
      ),
    ),
    ...refusals(policy({ overriders: {}, resourceSelectors: [{ ...selector, namespace: "other" }] }, "OverridePolicy")),
  ]).toEqual([
    "overrideRules and targetCluster can't co-exist",
    "overrideRules and overriders can't co-exist",
    "FieldOverrider must have either JSON or YAML set",
    "FieldOverrider has both YAML and JSON set. Only one is allowed",
    "value is required for add or replace operation",
    "value is not allowed for remove operation",
    "namespace of resource selector must be the same as the namespace of the policy",
  ]);
});

test("quotas and taint policies are refused in Karmada's words", () => {
  const assignments = [
    { clusterName: "m1", hard: { cpu: "1500m" } },
    { clusterName: "m2", hard: { cpu: 1 } },
  ];
  expect([
    ...refusals(policy({ overall: { cpu: "2" }, staticAssignments: assignments }, "FederatedResourceQuota")),
    ...refusals(
      policy({ overall: { memory: "2Gi" }, staticAssignments: assignments.slice(1) }, "FederatedResourceQuota"),
    ),
    ...refusals(policy({ taints: [{ key: "a", effect: "NoExecute" }] }, "ClusterTaintPolicy")),
    ...refusals(
      policy(
        {
          taints: [
            { key: "a", effect: "NoSchedule" },
            { key: "a", effect: "NoSchedule" },
          ],
        },
        "ClusterTaintPolicy",
      ),
    ),
  ]).toEqual([
    "overall is less than assignments",
    "assignment resourceName is not exist in overall",
    "Configuring taint with NoExecute effect is not allowed, it would evict workloads",
    "Duplicate value: Duplicate taint with the same key(a) and effect(NoSchedule) is not allowed",
  ]);
});

test("a Work gets its id, and each manifest is pruned, marked and stamped; once more changes nothing", () => {
  const manifest = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", uid: "1", labels: { app: "x" } },
    data: {},
  };
  const work: KubeObject = {
    apiVersion: "work.karmada.io/v1alpha1",
    kind: "Work",
    metadata: { name: "w", namespace: "karmada-es-m1" },
    spec: { workload: { manifests: [manifest] } },
  };
  const stored = answerTo(requestFor(work)) as KubeObject;
  expect([stored.metadata.labels, stored.spec]).toEqual([
    { "work.karmada.io/permanent-id": uuid },
    {
      workload: {
        manifests: [
          {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: {
              name: "a",
              labels: { app: "x", "work.karmada.io/permanent-id": uuid },
              annotations: {
                "resourcetemplate.karmada.io/managed-annotations":
                  "resourcetemplate.karmada.io/managed-annotations,resourcetemplate.karmada.io/managed-labels",
                "resourcetemplate.karmada.io/managed-labels": "app,work.karmada.io/permanent-id",
              },
            },
            data: {},
          },
        ],
      },
    },
  ]);
  expect(answerTo(requestFor(stored, { operation: "UPDATE", old: stored }))).toEqual(stored);
});

test("a binding keeps the id it has and its dependencies have to be JSON", () => {
  const binding = (metadata: Record<string, unknown>): KubeObject => ({
    apiVersion: "work.karmada.io/v1alpha2",
    kind: "ResourceBinding",
    metadata: { name: "b", namespace: "shop", ...metadata },
    spec: { resource: { apiVersion: "v1", kind: "ConfigMap", name: "a" } },
  });
  const key = "resourcebinding.karmada.io/permanent-id";
  const kept = answerTo(requestFor(binding({ labels: { [key]: "mine" } }))) as KubeObject;
  const made = answerTo(requestFor(binding({}))) as KubeObject;
  expect([kept.metadata.labels, made.metadata.labels]).toEqual([{ [key]: "mine" }, { [key]: uuid }]);
  const annotations = { "resourcebinding.karmada.io/dependencies": "{" };
  expect(refusals(binding({ annotations }))).toEqual(["annotation value must be a valid JSON"]);
});

describe("Clusters", () => {
  const cluster = (spec: Record<string, unknown>, name = "m1"): KubeObject => ({
    apiVersion: "cluster.karmada.io/v1alpha1",
    kind: "Cluster",
    metadata: { name },
    spec: { syncMode: "Push", ...spec },
  });
  test("get zones, dated taints and nine resource models", () => {
    const stored = answerTo(
      requestFor(cluster({ zone: "z", taints: [{ key: "a", effect: "NoExecute" }] })),
    ) as KubeObject;
    const spec = stored.spec as { zones: unknown; zone: unknown; taints: unknown; resourceModels: readonly unknown[] };
    expect([spec.zone, spec.zones, spec.taints, spec.resourceModels.length, spec.resourceModels[1]]).toEqual([
      undefined,
      ["z"],
      [{ key: "a", effect: "NoExecute", timeAdded: "2026-01-01T00:00:00Z" }],
      9,
      {
        grade: 1,
        ranges: [
          { name: "cpu", min: "1", max: "2" },
          { name: "memory", min: "4Gi", max: "16Gi" },
        ],
      },
    ]);
  });
  test("are refused with the field that is wrong", () => {
    const bad = cluster({ apiEndpoint: "https://a:b@host", proxyURL: "ftp://x", region: "not ok" }, "a".repeat(49));
    const answer = answerTo(requestFor(bad)) as readonly string[];
    expect(answer.map((text) => text.split(":")[0])).toEqual([
      "metadata.name",
      "spec.apiEndpoint",
      "spec.proxyURL",
      "spec.region",
    ]);
  });
});

test("an object under deletion protection is not deleted, by whatever kind", () => {
  const labels = { "resourcetemplate.karmada.io/deletion-protected": "Always" };
  const old = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop", labels } };
  expect(answerTo(requestFor(old, { operation: "DELETE", old, object: undefined }))).toEqual([
    '403 configmaps "a" is forbidden: This resource is protected, please make sure to remove the label: resourcetemplate.karmada.io/deletion-protected',
  ]);
});

test("an object that its schema refuses passes untouched, for the registry to refuse", () => {
  const broken = policy({ resourceSelectors: "everything" });
  expect(answerTo(requestFor(broken))).toBe(broken);
});
