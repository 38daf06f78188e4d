import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unavailable, until } from "./cluster.ts";
import {
  bindingOf,
  type Fleet,
  namespaceOn,
  startRealFleet,
  untilApplied,
  untilManaged,
  untilRolledOut,
} from "./fleet.ts";
import { configMap, deployment, type LiveObject, lookAt, type Manifest, policy, service } from "./objects.ts";

const text = (value: unknown): string => JSON.stringify(value);

describe.skipIf(unavailable !== undefined)(
  `taking over a real cluster${unavailable ? ` (${unavailable})` : ""}`,
  () => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await startRealFleet(["member1"]);
    });
    afterAll(() => fleet?.stop());

    /** The same objects on the member, running, and as templates on the hub. */
    async function legacy(namespace: string, objects: readonly Manifest[]): Promise<void> {
      await namespaceOn(namespace, fleet.member1, fleet.hub.kubectl);
      await fleet.member1.apply(objects);
      await untilRolledOut(fleet.member1, namespace).catch((error: Error) => {
        if (!error.message.includes("no matching resources")) throw error;
      });
      await fleet.hub.kubectl.apply(objects);
    }

    test("the guide's three policies adopt Deployments, Services and one application in place", async () => {
      const ns = "guide";
      const objects = ["nginx", "cart", "pay"].flatMap((name) => [deployment(name, ns), service(`${name}-svc`, ns)]);
      await legacy(ns, objects);
      const before = await lookAt(fleet.member1, ns);

      const app = [
        { apiVersion: "apps/v1", kind: "Deployment", name: "nginx" },
        { apiVersion: "v1", kind: "Service", name: "nginx-svc" },
      ];
      await fleet.hub.kubectl.apply([policy("nginx", ns, app)]);
      await untilApplied(fleet.hub, ns, ["nginx-deployment", "nginx-svc-service"]);
      await fleet.hub.kubectl.apply([policy("deployments", ns, [{ apiVersion: "apps/v1", kind: "Deployment" }])]);
      await fleet.hub.kubectl.apply([policy("services", ns, [{ apiVersion: "v1", kind: "Service" }])]);
      const bindings = objects.map((object) => `${object.metadata.name}-${object.kind.toLowerCase()}`);
      await untilApplied(fleet.hub, ns, bindings);

      expect(await lookAt(fleet.member1, ns)).toEqual(before);
      const managed = await fleet.member1.json<{ items: LiveObject[] }>(
        "get",
        "deploy,svc",
        "-n",
        ns,
        "-l",
        "karmada.io/managed=true",
      );
      expect(managed.items).toHaveLength(objects.length);
      await until(
        async () => {
          const template = await fleet.hub.kubectl.json<{ status?: { readyReplicas?: number } }>(
            "get",
            "deploy",
            "cart",
            "-n",
            ns,
          );
          return template.status?.readyReplicas === 2;
        },
        { what: "the template's status to be filled" },
      );
      const table = await fleet.hub.drover("get", "deploy", "-n", ns, "--operation-scope=all");
      expect(table.stdout).toMatch(/^NAME +CLUSTER +.*ADOPTION *$/m);
      expect(table.stdout).toMatch(/^nginx +member1 +2\/2 .* Y *$/m);
      expect(table.stdout).toMatch(/^nginx +Karmada +2\/2 .* - *$/m);
    });

    test("Abort refuses with Karmada's message and changes no byte of the member's object", async () => {
      const ns = "abort";
      await legacy(ns, [deployment("nginx", ns)]);
      const before = await fleet.member1.json("get", "deploy", "nginx", "-n", ns);
      await fleet.hub.kubectl.apply([
        policy("nginx", ns, [{ apiVersion: "apps/v1", kind: "Deployment" }], { conflictResolution: "Abort" }),
      ]);
      await untilApplied(fleet.hub, ns, ["nginx-deployment"], "False");

      const message =
        "Failed to apply all manifests (0/1): resource(kind=Deployment, abort/nginx) already exists in the cluster member1 and the work.karmada.io/conflict-resolution strategy value is empty, Karmada will not manage this resource";
      const binding = await bindingOf(fleet.hub, ns, "nginx-deployment");
      expect(binding?.status?.conditions?.find((one) => one.type === "FullyApplied")).toMatchObject({
        status: "False",
        reason: "FullyAppliedFailed",
        message: "Failed to apply all works, see status.aggregatedStatus for details",
      });
      expect(binding?.status?.aggregatedStatus).toEqual([
        { clusterName: "member1", appliedMessage: message, health: "Unknown" },
      ]);
      expect(await fleet.member1.json("get", "deploy", "nginx", "-n", ns)).toEqual(before);

      await fleet.hub.kubectl("annotate", "deploy", "nginx", "-n", ns, "work.karmada.io/conflict-resolution=overwrite");
      await untilApplied(fleet.hub, ns, ["nginx-deployment"]);
    });

    test("what only the member has stays, and no Pod restarts", async () => {
      const ns = "unstated";
      await namespaceOn(ns, fleet.member1, fleet.hub.kubectl);
      await fleet.member1.apply([deployment("web", ns)]);
      const patch = {
        spec: {
          template: {
            metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" } },
            spec: {
              containers: [
                { name: "web", env: [{ name: "REGION", value: "eu" }] },
                { name: "proxy", image: "envoy:1" },
              ],
            },
          },
        },
      };
      await fleet.member1("patch", "deploy", "web", "-n", ns, "--type=strategic", "-p", text(patch));
      await fleet.member1("rollout", "status", "deploy", "web", "-n", ns, "--timeout=60s");
      await untilRolledOut(fleet.member1, ns);
      await until(async () => (await lookAt(fleet.member1, ns)).pods.length === 2, { what: "the old Pods to be gone" });
      const before = await lookAt(fleet.member1, ns);
      await fleet.hub.kubectl.apply([
        deployment("web", ns),
        policy("web", ns, [{ apiVersion: "apps/v1", kind: "Deployment" }]),
      ]);
      await untilApplied(fleet.hub, ns, ["web-deployment"]);
      expect(await lookAt(fleet.member1, ns)).toEqual(before);
    });

    test("the guard refuses another image and fewer replicas, names field and values, and lets through what is allowed", async () => {
      const ns = "guarded";
      await namespaceOn(ns, fleet.member1, fleet.hub.kubectl);
      await fleet.member1.apply([
        deployment("image", ns, { image: "nginx:1.24" }),
        deployment("scale", ns, { replicas: 5 }),
      ]);
      await untilRolledOut(fleet.member1, ns);
      const before = await lookAt(fleet.member1, ns);
      await fleet.hub.kubectl.apply([
        deployment("image", ns),
        deployment("scale", ns),
        policy("all", ns, [{ apiVersion: "apps/v1", kind: "Deployment" }]),
      ]);
      await untilApplied(fleet.hub, ns, ["image-deployment", "scale-deployment"], "False");
      const why = async (name: string): Promise<string> =>
        (await bindingOf(fleet.hub, ns, name))?.status?.aggregatedStatus?.[0]?.appliedMessage ?? "";
      const image = await why("image-deployment");
      expect(image).toContain("image");
      expect(image).toContain("nginx:1.24");
      expect(image).toContain("nginx:1.25");
      const scale = await why("scale-deployment");
      expect(scale).toContain("spec.replicas");
      expect(scale).toMatch(/5.*2/);
      expect(await lookAt(fleet.member1, ns)).toEqual(before);

      await fleet.hub.kubectl(
        "annotate",
        "deploy",
        "image",
        "scale",
        "-n",
        ns,
        "migration.drover.io/takeover-guard=off",
      );
      await untilApplied(fleet.hub, ns, ["image-deployment", "scale-deployment"]);
      await until(async () => (await lookAt(fleet.member1, ns)).pods.length === 4, {
        what: "the allowed change to arrive",
      });
    });

    test("ports, addresses, claims, accounts, Jobs and 64-bit integers survive to the byte", async () => {
      const ns = "exact";
      await namespaceOn(ns, fleet.member1, fleet.hub.kubectl);
      const crd = {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "ledgers.shop.example.com" },
        spec: {
          group: "shop.example.com",
          scope: "Namespaced",
          names: { plural: "ledgers", singular: "ledger", kind: "Ledger", listKind: "LedgerList" },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  properties: {
                    spec: { type: "object", properties: { balance: { type: "integer", format: "int64" } } },
                  },
                },
              },
            },
          ],
        },
      };
      const ledger = (balance: string): string =>
        `{"apiVersion":"shop.example.com/v1","kind":"Ledger","metadata":{"name":"main","namespace":"${ns}"},"spec":{"balance":${balance}}}`;
      for (const server of [fleet.member1, fleet.hub.kubectl]) {
        await server.apply([crd]);
        await server("wait", "crd/ledgers.shop.example.com", "--for=condition=Established", "--timeout=30s");
        await server.apply(ledger("9007199254740993"));
      }
      const objects: Manifest[] = [
        service("edge", ns, { type: "NodePort" }),
        service("peers", ns, { clusterIP: "None" }),
        {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: { name: "data", namespace: ns },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
        },
        { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot", namespace: ns } },
        {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "token", namespace: ns },
          stringData: { password: "s3cret" },
        },
        {
          apiVersion: "batch/v1",
          kind: "Job",
          metadata: { name: "once", namespace: ns },
          spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "run", image: "busybox:1" }] } } },
        },
      ];
      await fleet.member1.apply(objects);
      await fleet.hub.kubectl.apply(objects);
      await until(
        async () => (await fleet.member1("get", "sa", "robot", "-n", ns, "-o", "jsonpath={.secrets}")) !== "",
        {
          what: "the ServiceAccount's token Secret",
        },
      );
      const exact = async (): Promise<readonly string[]> => [
        text(await lookAt(fleet.member1, ns)),
        await fleet.member1("get", "ledger", "main", "-n", ns, "-o", "jsonpath={.metadata.uid} {.spec}"),
      ];
      await until(
        async () =>
          (await fleet.member1("get", "pods", "-n", ns, "-o", "jsonpath={.items[*].status.phase}")) === "Succeeded",
        {
          what: "the Job's Pod to finish",
        },
      );
      const before = await exact();
      const kinds = [
        ["v1", "Service"],
        ["v1", "PersistentVolumeClaim"],
        ["v1", "ServiceAccount"],
        ["v1", "Secret"],
        ["batch/v1", "Job"],
        ["shop.example.com/v1", "Ledger"],
      ] as const;
      await fleet.hub.kubectl.apply([
        policy(
          "all",
          ns,
          kinds.map(([apiVersion, kind]) => ({ apiVersion, kind })),
        ),
      ]);
      await untilApplied(fleet.hub, ns, [
        "edge-service",
        "peers-service",
        "data-persistentvolumeclaim",
        "robot-serviceaccount",
        "token-secret",
        "once-job",
        "main-ledger",
      ]);
      expect(await exact()).toEqual(before);
      expect(before[1]).toContain("9007199254740993");
      await fleet.hub.kubectl("delete", "propagationpolicy", "all", "-n", ns);
    });

    test("what every API server makes for itself is never propagated", async () => {
      const ns = "own";
      await legacy(ns, [configMap("settings", ns)]);
      const before = await fleet.member1("get", "cm", "kube-root-ca.crt", "-n", ns, "-o", "json");
      await fleet.hub.kubectl.apply([
        { ...configMap("kube-root-ca.crt", ns, { "ca.crt": "not the member's" }) },
        policy("all", ns, [
          { apiVersion: "v1", kind: "ConfigMap" },
          { apiVersion: "v1", kind: "ServiceAccount" },
        ]),
      ]);
      await untilApplied(fleet.hub, ns, ["settings-configmap"]);
      expect(await bindingOf(fleet.hub, ns, "kube-root-ca.crt-configmap")).toBeUndefined();
      expect(await fleet.member1("get", "cm", "kube-root-ca.crt", "-n", ns, "-o", "json")).toBe(before);
    });

    test("an object of another hub is refused by name", async () => {
      const ns = "foreign";
      await namespaceOn(ns, fleet.member1, fleet.hub.kubectl);
      const foreign = configMap("shared", ns);
      await fleet.member1.apply([
        {
          ...foreign,
          metadata: {
            ...foreign.metadata,
            labels: {
              "karmada.io/managed": "true",
              "work.karmada.io/permanent-id": "5f2c0a3e-1111-4222-8333-444455556666",
            },
            annotations: { "work.karmada.io/name": "shared-abc", "work.karmada.io/namespace": "karmada-es-elsewhere" },
          },
        },
      ]);
      const before = await fleet.member1.json("get", "cm", "shared", "-n", ns);
      await fleet.hub.kubectl.apply([foreign, policy("all", ns, [{ apiVersion: "v1", kind: "ConfigMap" }])]);
      await untilApplied(fleet.hub, ns, ["shared-configmap"], "False");
      const said = (await bindingOf(fleet.hub, ns, "shared-configmap"))?.status?.aggregatedStatus?.[0]?.appliedMessage;
      expect(said).toContain("karmada-es-elsewhere/shared-abc");
      expect(await fleet.member1.json("get", "cm", "shared", "-n", ns)).toEqual(before);
    });

    test("drift in a stated field is reverted, an unstated one is left, a deleted object comes back, removals arrive", async () => {
      const ns = "drift";
      const settings = { ...configMap("settings", ns, { a: "1", b: "2" }) };
      await legacy(ns, [{ ...settings, metadata: { ...settings.metadata, labels: { tier: "web", team: "shop" } } }]);
      await fleet.hub.kubectl.apply([policy("all", ns, [{ apiVersion: "v1", kind: "ConfigMap" }])]);
      await untilApplied(fleet.hub, ns, ["settings-configmap"]);
      const live = (): Promise<LiveObject & { data?: Record<string, string> }> =>
        fleet.member1.json("get", "cm", "settings", "-n", ns);

      await fleet.member1(
        "patch",
        "cm",
        "settings",
        "-n",
        ns,
        "--type=merge",
        "-p",
        text({ data: { a: "drifted", c: "mine" } }),
      );
      await until(async () => (await live()).data?.a === "1", { what: "the drift to be reverted" });
      expect((await live()).data).toEqual({ a: "1", b: "2", c: "mine" });

      await fleet.hub.kubectl(
        "patch",
        "cm",
        "settings",
        "-n",
        ns,
        "--type=json",
        "-p",
        text([
          { op: "remove", path: "/data/b" },
          { op: "remove", path: "/metadata/labels/team" },
        ]),
      );
      await until(async () => (await live()).data?.b === undefined, { what: "the removed field to go" });
      const after = await live();
      expect([after.data, after.metadata.labels?.tier, after.metadata.labels?.team]).toEqual([
        { a: "1", c: "mine" },
        "web",
        undefined,
      ]);

      await fleet.member1("delete", "cm", "settings", "-n", ns);
      await until(async () => (await fleet.member1.run(["get", "cm", "settings", "-n", ns])).code === 0, {
        what: "the object to come back",
      });
      expect((await live()).data).toEqual({ a: "1" });
      await untilManaged(fleet.member1, ["cm", "settings", "-n", ns], true);
    });
  },
);
