import { describe, expect, test } from "vitest";
import { isJsonObject } from "#base";
import { encodeJson, fieldAt, type KubeObject, parseJson, withField } from "#machinery";
import { applyMergePatch } from "#machinery/patch";
import type { WriteInput, WritePlan } from "./contract.ts";
import { planWrite } from "./write-plan.ts";

const marks = {
  labels: { app: "cart", "karmada.io/managed": "true" },
  annotations: {
    "migration.drover.io/hub": "hub-1",
    "work.karmada.io/namespace": "karmada-es-east",
    "work.karmada.io/name": "cart-1",
    "work.karmada.io/conflict-resolution": "overwrite",
  },
};

const deployment = (podSpec: object = {}, spec: object = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: "shop", name: "cart", ...marks },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "cart" } },
    template: {
      metadata: { labels: { app: "cart" } },
      spec: { containers: [{ name: "web", image: "nginx:1.20", resources: { limits: { cpu: "1" } } }], ...podSpec },
    },
    ...spec,
  },
});

/** The same as a member holds it: defaulted, and with what only the member has. */
function live(change: (object: KubeObject) => KubeObject = (object) => object): KubeObject {
  return change({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      namespace: "shop",
      name: "cart",
      uid: "u1",
      resourceVersion: "7",
      generation: 3,
      labels: { app: "cart", team: "blue" },
      annotations: {
        "deployment.kubernetes.io/revision": "2",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
      },
    },
    spec: {
      progressDeadlineSeconds: 600,
      replicas: 2,
      revisionHistoryLimit: 10,
      selector: { matchLabels: { app: "cart" } },
      strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" }, type: "RollingUpdate" },
      template: {
        metadata: {
          creationTimestamp: null,
          labels: { app: "cart" },
          annotations: { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" },
        },
        spec: {
          containers: [
            {
              name: "web",
              image: "nginx:1.20",
              imagePullPolicy: "IfNotPresent",
              resources: { limits: { cpu: "1000m" } },
              env: [{ name: "ONLY_LIVE", value: "x" }],
              terminationMessagePath: "/dev/termination-log",
              terminationMessagePolicy: "File",
            },
            { name: "sidecar", image: "envoy:1", resources: {} },
          ],
          dnsPolicy: "ClusterFirst",
          restartPolicy: "Always",
          schedulerName: "default-scheduler",
          securityContext: {},
          terminationGracePeriodSeconds: 30,
        },
      },
    },
    status: { replicas: 2 },
  } as KubeObject);
}

const input = (over: Partial<WriteInput> = {}): WriteInput => ({
  cluster: "east",
  desired: deployment(),
  live: live(),
  last: undefined,
  hub: "hub-1",
  work: "karmada-es-east/cart-1",
  guard: "refuse",
  applyMode: "Merge",
  createdByUs: false,
  ...over,
});

function patchOf(plan: WritePlan): Record<string, unknown> {
  if (plan.kind !== "patch") throw new Error(`no patch: ${encodeJson(plan)}`);
  return plan.patch as Record<string, unknown>;
}

const applied = (object: KubeObject, plan: WritePlan): KubeObject =>
  applyMergePatch(object, patchOf(plan)) as unknown as KubeObject;

describe("taking an object over", () => {
  test("an equal object gets metadata only, bound to its version, and a second plan writes nothing", () => {
    const plan = planWrite(input());
    expect(plan).toMatchObject({
      kind: "patch",
      takeover: true,
      changed: [],
      warnings: [],
      unmanaged: [
        "metadata.labels[team]",
        "spec.template.metadata.annotations[kubectl.kubernetes.io/restartedAt]",
        "spec.template.spec.containers[name=web].env",
        "spec.template.spec.containers[name=sidecar]",
      ],
    });
    expect(Object.keys(patchOf(plan))).toEqual(["metadata"]);
    expect(patchOf(plan).metadata).toMatchObject({ uid: "u1", resourceVersion: "7" });
    const after = applied(live(), plan);
    expect(planWrite(input({ live: after, last: deployment() })).kind).toBe("none");
  });

  test("under abort nothing is written and the message is Karmada's", () => {
    const desired = withField(
      deployment(),
      ["metadata", "annotations", "work.karmada.io/conflict-resolution"],
      "abort",
    );
    expect(planWrite(input({ desired }))).toMatchObject({
      kind: "refused",
      reason: "ConflictResolutionAbort",
      message:
        "resource(kind=Deployment, shop/cart) already exists in the cluster east and the work.karmada.io/conflict-resolution strategy value is empty, Karmada will not manage this resource",
    });
  });

  test("an image that differs is refused with field and both values, and goes through when allowed", () => {
    const desired = deployment({ containers: [{ name: "web", image: "nginx:1.21" }] });
    const plan = planWrite(input({ desired }));
    expect(plan).toMatchObject({
      kind: "refused",
      reason: "TakeoverGuard",
      findings: [
        {
          field: "spec.template.spec.containers[name=web].image",
          live: "nginx:1.20",
          wanted: "nginx:1.21",
          effect: "PodsReplaced",
        },
      ],
    });
    expect(plan).toHaveProperty("message", expect.stringContaining("migration.drover.io/takeover-guard"));
    const allowed = planWrite(input({ desired, guard: "off" }));
    const containers = fieldAt(patchOf(allowed), ["spec", "template", "spec", "containers"]);
    expect(containers).toMatchObject([{ image: "nginx:1.21", env: [{ name: "ONLY_LIVE" }] }, { name: "sidecar" }]);
    expect(planWrite(input({ desired, guard: "warn" }))).toMatchObject({
      kind: "patch",
      warnings: [{ live: "nginx:1.20" }],
    });
  });

  test("fewer replicas than run are refused, more are not", () => {
    const scaled = live((object) => withField(object, ["spec", "replicas"], 5));
    expect(planWrite(input({ live: scaled }))).toMatchObject({
      reason: "TakeoverGuard",
      findings: [{ field: "spec.replicas", live: "5", wanted: "2", effect: "PodsRemoved" }],
    });
    expect(planWrite(input({ desired: deployment({}, { replicas: 9 }) }))).toMatchObject({
      changed: ["spec.replicas"],
    });
    expect(planWrite(input({ live: scaled, autoscaled: true }))).toMatchObject({ kind: "patch", changed: [] });
  });

  test("an object of another hub or another Work is refused by name, unless the template says so", () => {
    const foreign = (annotations: object): KubeObject =>
      live((object) => ({
        ...object,
        metadata: { ...object.metadata, labels: { "karmada.io/managed": "true" }, annotations: { ...annotations } },
      }));
    const karmada = foreign({ "work.karmada.io/name": "x" });
    expect(planWrite(input({ live: karmada }))).toMatchObject({ reason: "ManagedByOtherHub" });
    const other = foreign({ ...marks.annotations, "work.karmada.io/name": "other" });
    expect(planWrite(input({ live: other }))).toMatchObject({
      reason: "ManagedByOtherWork",
      message: expect.stringContaining("karmada-es-east/other"),
    });
    const desired = withField(deployment(), ["metadata", "annotations", "migration.drover.io/take-from"], "unknown");
    expect(planWrite(input({ live: karmada, desired })).kind).toBe("patch");
  });

  test("a selector that differs is refused before it is sent", () => {
    const desired = deployment({}, { selector: { matchLabels: { app: "other" } } });
    expect(planWrite(input({ desired, guard: "off" }))).toMatchObject({
      reason: "ImmutableField",
      findings: [{ field: "spec.selector.matchLabels[app]", live: "cart", wanted: "other" }],
    });
  });

  test("what every cluster makes for itself is never written", () => {
    const desired: KubeObject = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace: "a", name: "kube-root-ca.crt" },
    };
    expect(planWrite(input({ desired, live: undefined }))).toMatchObject({ reason: "ServerOwned" });
  });
});

describe("a managed object", () => {
  const managed = (): KubeObject => applied(live(), planWrite(input()));

  test("loses what the template lost, and keeps what only the member has", () => {
    const last = deployment(
      { containers: [{ name: "web", image: "nginx:1.20", resources: { limits: { cpu: "1" } }, args: ["-v"] }] },
      { minReadySeconds: 5 },
    );
    const before = applied(live(), planWrite(input({ desired: last, guard: "off" })));
    const plan = planWrite(input({ live: before, last }));
    expect(plan).toMatchObject({
      takeover: false,
      changed: ["spec.template.spec.containers[name=web].args", "spec.minReadySeconds"],
    });
    const after = applied(before, plan);
    expect(after.spec).toEqual(managed().spec);
  });

  test("drops a label that the template dropped", () => {
    const { metadata } = deployment();
    const last = withField(deployment(), ["metadata", "labels", "tier"], "front");
    const before = withField(managed(), ["metadata", "labels", "tier"], "front");
    expect(patchOf(planWrite(input({ live: before, last })))).toEqual({
      metadata: { labels: { tier: null }, resourceVersion: "7", uid: "u1" },
    });
    expect(metadata.labels).not.toHaveProperty("tier");
  });

  test("keeps its replicas when the template stops stating them", () => {
    const scaled = withField(managed(), ["spec", "replicas"], 7);
    const desired = withField(deployment(), ["spec", "replicas"], undefined);
    expect(planWrite(input({ live: scaled, last: deployment(), desired })).kind).toBe("none");
  });

  test("loses member-only fields under Replace, defaults aside", () => {
    const plan = planWrite(input({ live: managed(), last: deployment(), applyMode: "Replace" }));
    expect(plan).toHaveProperty("changed", [
      "spec.template.metadata.annotations",
      "spec.template.spec.containers[name=web].env",
      "spec.template.spec.containers[name=sidecar]",
    ]);
    const after = applied(managed(), plan);
    expect(planWrite(input({ live: after, last: deployment(), applyMode: "Replace" })).kind).toBe("none");
  });

  test("drift in a stated field is put right", () => {
    const drifted = withField(managed(), ["spec", "template", "metadata", "labels", "app"], "changed");
    expect(planWrite(input({ live: drifted, last: deployment() }))).toHaveProperty("changed", [
      "spec.template.metadata.labels[app]",
    ]);
  });
});

describe("kinds with fields of the member's own", () => {
  const plain = (object: object): KubeObject =>
    ({ ...object, metadata: { namespace: "shop", name: "x", ...marks } }) as unknown as KubeObject;
  const held = (object: object): KubeObject =>
    ({
      ...object,
      metadata: { namespace: "shop", name: "x", uid: "u", resourceVersion: "1", labels: { app: "cart" } },
    }) as unknown as KubeObject;
  const planFor = (desired: object, present: object, over: Partial<WriteInput> = {}): WritePlan =>
    planWrite(input({ desired: plain(desired), live: held(present), ...over }));

  test("a NodePort Service keeps its port and addresses", () => {
    const service = { apiVersion: "v1", kind: "Service" };
    const plan = planFor(
      { ...service, spec: { type: "NodePort", ports: [{ port: 80, nodePort: 32415 }], selector: { app: "cart" } } },
      {
        ...service,
        spec: {
          type: "NodePort",
          clusterIP: "10.0.0.9",
          clusterIPs: ["10.0.0.9"],
          ports: [{ port: 80, protocol: "TCP", targetPort: 80, nodePort: 32261 }],
          selector: { app: "cart" },
          sessionAffinity: "None",
        },
      },
    );
    expect(plan).toMatchObject({ kind: "patch", changed: [], unmanaged: [] });
  });

  test("headless and not headless are different Services", () => {
    const plan = planFor(
      { apiVersion: "v1", kind: "Service", spec: { clusterIP: "None" } },
      { apiVersion: "v1", kind: "Service", spec: { clusterIP: "10.0.0.9" } },
    );
    expect(plan).toMatchObject({ reason: "ImmutableField", findings: [{ field: "spec.clusterIP" }] });
  });

  test("a Secret's text is compared with its stored form and never shown", () => {
    const secret = { apiVersion: "v1", kind: "Secret", type: "Opaque" };
    const same = planFor({ ...secret, stringData: { key: "geheim" } }, { ...secret, data: { key: "Z2VoZWlt" } });
    expect(same).toMatchObject({ kind: "patch", changed: [] });
    const other = planFor(
      { ...secret, stringData: { key: "geheim" } },
      { ...secret, immutable: true, data: { key: "eA==" } },
    );
    expect(other).toMatchObject({ reason: "ImmutableField", message: expect.stringContaining("<hidden>") });
    expect(encodeJson(other)).not.toContain("eA==");
  });

  test("a custom resource keeps every digit of its numbers", () => {
    const cr = parseJson(
      '{"apiVersion":"shop.io/v1","kind":"Cart","spec":{"id":9007199254740993,"n":[9007199254740995]}}',
    );
    const plan = planFor({ ...(cr as object), spec: { n: [1] } }, cr as object);
    expect(encodeJson(plan)).toContain('"n":[1]');
    expect(encodeJson(applied(held(cr as object), plan))).toContain("9007199254740993");
    expect(planFor(cr as object, cr as object)).toMatchObject({ changed: [] });
  });

  test("a Job keeps the selector that its cluster gave it", () => {
    const job = { apiVersion: "batch/v1", kind: "Job" };
    const pod = { spec: { containers: [{ name: "a", image: "b" }], restartPolicy: "Never" } };
    const plan = planFor(
      { ...job, spec: { template: pod } },
      {
        ...job,
        spec: {
          backoffLimit: 6,
          selector: { matchLabels: { "controller-uid": "u" } },
          template: { ...pod, metadata: { labels: { "controller-uid": "u", "job-name": "x" } } },
        },
      },
    );
    expect(plan).toMatchObject({ kind: "patch", changed: [] });
  });

  test("a claim may grow but not shrink", () => {
    const claim = (storage: string): object => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
    });
    expect(planFor(claim("2Gi"), claim("1Gi"))).toMatchObject({ kind: "patch" });
    expect(planFor(claim("1Gi"), claim("2Gi"))).toMatchObject({ reason: "ImmutableField" });
    expect(planFor(claim("1024Mi"), claim("1Gi"))).toMatchObject({ changed: [] });
  });

  test("another kind of volume takes the place of the old one", () => {
    const pod = (volume: object): object => ({
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      spec: { template: { spec: { volumes: [{ name: "v", ...volume }] } } },
    });
    const plan = planFor(pod({ secret: { secretName: "s" } }), pod({ configMap: { name: "c", defaultMode: 420 } }), {
      guard: "off",
    });
    const [volume] = fieldAt(patchOf(plan), ["spec", "template", "spec", "volumes"]) as readonly unknown[];
    expect(isJsonObject(volume) ? Object.keys(volume) : []).toEqual(["name", "secret"]);
  });

  test("an autoscaler's metrics are the same in any order", () => {
    const hpa = (...metrics: readonly object[]): object => ({
      apiVersion: "autoscaling/v2beta2",
      kind: "HorizontalPodAutoscaler",
      spec: { maxReplicas: 3, metrics },
    });
    const cpu = { type: "Resource", resource: { name: "cpu", target: { averageUtilization: 80 } } };
    const pods = (averageValue: string): object => ({ type: "Pods", pods: { target: { averageValue } } });
    expect(planFor(hpa(cpu, pods("0.5")), hpa(pods("500m"), cpu))).toMatchObject({ changed: [] });
    expect(planFor(hpa(cpu, pods("0.5")), hpa(pods("400m"), cpu))).toMatchObject({ changed: ["spec.metrics"] });
  });

  test("an empty node selector is none at all", () => {
    const of = (spec: object): object => ({ apiVersion: "apps/v1", kind: "DaemonSet", spec: { template: { spec } } });
    expect(planFor(of({ nodeSelector: {}, hostNetwork: false }), of({}))).toMatchObject({ changed: [] });
  });

  test("what the API server fills in is no reason to refuse a full replace", () => {
    const of = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", value: 10 };
    const plan = planFor(of, { ...of, preemptionPolicy: "PreemptLowerPriority" }, { applyMode: "Replace" });
    expect(plan).toMatchObject({ kind: "patch", changed: [] });
  });
});
