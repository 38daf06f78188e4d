import { describe, expect, test } from "vitest";
import type { AggregatedStatusItem } from "#api/work";
import type { KubeObject } from "#machinery";
import { interpreterFor } from "./index.ts";

const interpreter = interpreterFor({ group: "apps", version: "v1", kind: "Deployment" });

const object = (type: string, fields: object, metadata: object = {}): KubeObject => {
  const at = type.lastIndexOf("/");
  const [apiVersion, kind] = [type.slice(0, at), type.slice(at + 1)];
  return { apiVersion, kind, metadata: { namespace: "shop", name: "x", ...metadata }, ...fields } as KubeObject;
};

describe("replicas and what they ask for", () => {
  test("requests are summed, an init container counts where it asks more, overhead on top", () => {
    const requests = (cpu: string, memory: string): object => ({ resources: { requests: { cpu, memory } } });
    const spec = {
      containers: [requests("500m", "64Mi"), requests("1", "64Mi")],
      initContainers: [requests("1", "1Gi")],
      overhead: { cpu: "100m" },
      nodeSelector: { disk: "ssd" },
    };
    expect(interpreter.replicasOf(object("apps/v1/Deployment", { spec: { replicas: 3, template: { spec } } }))).toEqual(
      {
        replicas: 3,
        requirements: {
          nodeClaim: { nodeSelector: { disk: "ssd" } },
          resourceRequest: { cpu: "1600m", memory: "1Gi" },
        },
      },
    );
  });

  test("a Job has as many as run at once, a Pod one, a ConfigMap none", () => {
    expect([
      interpreter.replicasOf(object("batch/v1/Job", { spec: { parallelism: 5, completions: 2 } }))?.replicas,
      interpreter.replicasOf(object("v1/Pod", {}))?.replicas,
      interpreter.replicasOf(object("v1/ConfigMap", {})),
      interpreter.replicasOf(object("apps/v1/StatefulSet", { spec: {} }))?.replicas,
    ]).toEqual([2, 1, undefined, 1]);
  });

  test("revising touches the field of the kind and leaves other kinds alone", () => {
    const job = object("batch/v1/Job", { spec: { parallelism: 5 } });
    const map = object("v1/ConfigMap", { data: {} });
    expect(interpreter.withReplicas(job, 2).spec).toEqual({ parallelism: 2 });
    expect(interpreter.withReplicas(map, 2)).toBe(map);
    expect(job.spec).toEqual({ parallelism: 5 });
  });
});

describe("retain", () => {
  const cases: readonly (readonly [string, KubeObject, KubeObject, unknown])[] = [
    [
      "accounts keep the union of Secrets",
      object("v1/ServiceAccount", { secrets: [{ name: "a" }] }),
      object("v1/ServiceAccount", { secrets: [{ name: "token" }, { name: "a" }], imagePullSecrets: [{ name: "p" }] }),
      { secrets: [{ name: "a" }, { name: "token" }], imagePullSecrets: [{ name: "p" }] },
    ],
    [
      "claims keep their volume and class",
      object("v1/PersistentVolumeClaim", { spec: { storageClassName: "slow" } }),
      object("v1/PersistentVolumeClaim", { spec: { volumeName: "v", storageClassName: "fast" } }),
      { spec: { volumeName: "v", storageClassName: "fast" } },
    ],
    [
      "a port found by name keeps its node port when its number changes",
      object("v1/Service", { spec: { type: "NodePort", ports: [{ name: "http", port: 8080 }] } }),
      object("v1/Service", { spec: { type: "NodePort", ports: [{ name: "http", port: 80, nodePort: 30001 }] } }),
      { spec: { type: "NodePort", ports: [{ name: "http", port: 8080, nodePort: 30001 }] } },
    ],
    [
      "Pods keep node, account, volumes and mounts",
      object("v1/Pod", { spec: { containers: [{ name: "a" }] } }),
      object("v1/Pod", {
        spec: { nodeName: "n", volumes: [{ name: "t" }], containers: [{ name: "a", volumeMounts: [{ name: "t" }] }] },
      }),
      { spec: { nodeName: "n", volumes: [{ name: "t" }], containers: [{ name: "a", volumeMounts: [{ name: "t" }] }] } },
    ],
    [
      "replicas stay where the label says so",
      object(
        "apps/v1/StatefulSet",
        { spec: { replicas: 1 } },
        { labels: { "resourcetemplate.karmada.io/retain-replicas": "true" } },
      ),
      object("apps/v1/StatefulSet", { spec: { replicas: 7 } }),
      { spec: { replicas: 7 } },
    ],
  ];

  test.each(cases)("%s, once and for all", (_name, desired, live, expected) => {
    const once = interpreter.retain(desired, live);
    expect(once).toMatchObject(expected as object);
    expect(interpreter.retain(once, live)).toEqual(once);
  });
});

describe("status", () => {
  const deployment = (status: object, generation = 2): KubeObject =>
    object(
      "apps/v1/Deployment",
      { spec: { replicas: 2 }, status },
      {
        generation,
        annotations: { "resourcetemplate.karmada.io/generation": "5" },
      },
    );

  test("a Deployment is healthy once observed, updated and available", () => {
    const ready = { observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2 };
    expect([
      interpreter.healthOf(deployment(ready)),
      interpreter.healthOf(deployment(ready, 3)),
      interpreter.healthOf(deployment({ ...ready, availableReplicas: 1 })),
    ]).toEqual(["Healthy", "Unhealthy", "Unhealthy"]);
  });

  test("a StatefulSet of an old Kubernetes is judged by its ready replicas", () => {
    const old = { observedGeneration: 1, updatedReplicas: 2, readyReplicas: 2 };
    const live = object("apps/v1/StatefulSet", { spec: { replicas: 2 }, status: old }, { generation: 1 });
    expect(interpreter.healthOf(live)).toBe("Healthy");
  });

  test("a Work reports the selected fields and both generations", () => {
    const live = deployment({
      replicas: 2,
      readyReplicas: 2,
      observedGeneration: 2,
      conditions: [{ type: "Available" }],
    });
    expect(interpreter.reflectStatus(live)).toEqual({
      generation: 2,
      resourceTemplateGeneration: 5,
      replicas: 2,
      readyReplicas: 2,
      observedGeneration: 2,
    });
  });

  const item = (clusterName: string, status: object | undefined): AggregatedStatusItem =>
    ({ clusterName, status, applied: status !== undefined }) as AggregatedStatusItem;
  const template = object(
    "apps/v1/Deployment",
    { spec: { replicas: 4 }, status: { observedGeneration: 4 } },
    { generation: 5 },
  );
  const member = { replicas: 2, readyReplicas: 1, observedGeneration: 2, generation: 2, resourceTemplateGeneration: 5 };

  test("counters are summed, the generation is observed once every member has it", () => {
    expect(interpreter.aggregateStatus(template, [item("a", member), item("b", member)])).toEqual({
      observedGeneration: 5,
      replicas: 4,
      readyReplicas: 2,
    });
    expect(interpreter.aggregateStatus(template, [item("a", member), item("b", undefined)])).toEqual({
      observedGeneration: 4,
      replicas: 2,
      readyReplicas: 1,
    });
  });

  test("a Job is complete when all are, failed when one is, and then stays so", () => {
    const done = {
      succeeded: 1,
      startTime: "a",
      completionTime: "b",
      conditions: [{ type: "Complete", status: "True" }],
    };
    const bad = { failed: 1, conditions: [{ type: "Failed", status: "True", lastTransitionTime: "t" }] };
    const job = object("batch/v1/Job", {});
    expect(interpreter.aggregateStatus(job, [item("a", done), item("b", done)])).toMatchObject({
      succeeded: 2,
      startTime: "a",
      completionTime: "b",
      conditions: [{ type: "Complete" }],
    });
    const failed = interpreter.aggregateStatus(job, [item("a", done), item("b", bad)]);
    expect(failed).toMatchObject({ conditions: [{ type: "Failed", reason: "JobFailed", lastTransitionTime: "t" }] });
    expect(interpreter.aggregateStatus({ ...job, status: failed }, [item("a", done)])).toBe(failed);
  });

  test("addresses are joined without doubles; kinds without a rule are left alone", () => {
    const addressed = item("a", { loadBalancer: { ingress: [{ ip: "2" }, { ip: "1" }] } });
    const service = object("v1/Service", { spec: { type: "LoadBalancer" } });
    expect(interpreter.aggregateStatus(service, [addressed, addressed])).toEqual({
      loadBalancer: { ingress: [{ ip: "1" }, { ip: "2" }] },
    });
    expect(interpreter.aggregateStatus(object("v1/Service", { spec: {} }), [addressed])).toBeUndefined();
    expect(interpreter.aggregateStatus(object("v1/ConfigMap", {}), [addressed])).toBeUndefined();
  });

  test("the worst phase of a claim wins", () => {
    const claim = object("v1/PersistentVolumeClaim", {});
    const phases = (...names: readonly string[]) =>
      interpreter.aggregateStatus(
        claim,
        names.map((phase, at) => item(`${at}`, { phase })),
      );
    expect([phases("Bound", "Pending", "Bound"), phases("Bound", "Lost"), phases("Bound")]).toEqual([
      { phase: "Pending" },
      { phase: "Lost" },
      { phase: "Bound" },
    ]);
  });
});

describe("dependencies", () => {
  test("a StatefulSet needs what its Pods name, its own claims aside", () => {
    const spec = {
      serviceAccountName: "runner",
      imagePullSecrets: [{ name: "pull" }],
      containers: [
        {
          env: [{ valueFrom: { secretKeyRef: { name: "key" } } }, { valueFrom: { configMapKeyRef: { name: "conf" } } }],
          envFrom: [{ configMapRef: { name: "conf" } }],
        },
      ],
      volumes: [
        { persistentVolumeClaim: { claimName: "data" } },
        { persistentVolumeClaim: { claimName: "shared" } },
        { projected: { sources: [{ secret: { name: "cert" } }] } },
      ],
    };
    const set = object("apps/v1/StatefulSet", {
      spec: { template: { spec }, volumeClaimTemplates: [{ metadata: { name: "data" } }] },
    });
    expect(interpreter.dependenciesOf(set).map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      "ConfigMap/conf",
      "Secret/cert",
      "Secret/key",
      "Secret/pull",
      "ServiceAccount/runner",
      "PersistentVolumeClaim/shared",
    ]);
  });

  test("an Ingress needs its certificates, a Pod no default account", () => {
    const ingress = object("networking.k8s.io/v1/Ingress", {
      spec: { tls: [{ secretName: "t" }, { secretName: "t" }] },
    });
    expect(interpreter.dependenciesOf(ingress)).toEqual([
      { apiVersion: "v1", kind: "Secret", namespace: "shop", name: "t" },
    ]);
    expect(interpreter.dependenciesOf(object("v1/Pod", { spec: { serviceAccountName: "default" } }))).toEqual([]);
  });
});
