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
import { configMap, deployment, type LiveObject, lookAt, ourKeys, policy, service } from "./objects.ts";

const everything = [
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "v1", kind: "ConfigMap" },
];

describe.skipIf(unavailable !== undefined)(
  `giving a real cluster back${unavailable ? ` (${unavailable})` : ""}`,
  () => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await startRealFleet(["member1", "member2"]);
    });
    afterAll(() => fleet?.stop());

    test("preserve and deletion of the templates with no pause in between, fifty times, deletes nothing and leaves no key", async () => {
      const ns = "back";
      const objects = [deployment("nginx", ns), service("nginx-svc", ns), configMap("nginx-conf", ns)];
      const names = ["nginx-deployment", "nginx-svc-service", "nginx-conf-configmap"];
      await namespaceOn(ns, fleet.member1, fleet.hub.kubectl);
      await fleet.member1.apply(objects);
      await untilRolledOut(fleet.member1, ns);
      const before = await lookAt(fleet.member1, ns);
      const metadataOf = async (): Promise<readonly unknown[]> => {
        const list = await fleet.member1.json<{ items: LiveObject[] }>("get", "deploy,svc,cm", "-n", ns);
        return list.items.map((item) => [
          item.kind,
          item.metadata.name,
          item.metadata.labels,
          item.metadata.annotations,
        ]);
      };
      const original = await metadataOf();

      for (let round = 0; round < 50; round++) {
        await fleet.hub.kubectl.apply([...objects, policy("app", ns, everything)]);
        await untilApplied(fleet.hub, ns, names);
        await fleet.hub.kubectl(
          "patch",
          "pp",
          "app",
          "-n",
          ns,
          "--type=merge",
          "-p",
          '{"spec":{"preserveResourcesOnDeletion":true}}',
        );
        await fleet.hub.kubectl("delete", "deploy/nginx", "svc/nginx-svc", "cm/nginx-conf", "-n", ns, "--wait=false");
        await until(
          async () => {
            const list = await fleet.member1.json<{ items: LiveObject[] }>("get", "deploy,svc,cm", "-n", ns);
            return list.items.every((item) => ourKeys(item).length === 0);
          },
          { what: `round ${round}: every object to be free of our keys` },
        );
        await fleet.hub.kubectl("delete", "pp", "app", "-n", ns);
        await until(async () => (await bindingOf(fleet.hub, ns, "nginx-deployment")) === undefined, {
          what: "the binding to go",
        });
      }
      expect(await lookAt(fleet.member1, ns)).toEqual(before);
      expect(await metadataOf()).toEqual(original);
      const table = await fleet.hub.drover("get", "deploy", "-n", ns, "--operation-scope=members", "-C", "member1");
      expect(table.stdout).toMatch(/^nginx +member1 .* N *$/m);
    });

    test("without the flag the member's object is deleted with the template; a deleted policy changes nothing", async () => {
      const ns = "gone";
      await namespaceOn(ns, fleet.member1, fleet.hub.kubectl);
      await fleet.member1.apply([configMap("settings", ns), configMap("other", ns)]);
      await fleet.hub.kubectl.apply([configMap("settings", ns), configMap("other", ns), policy("all", ns, everything)]);
      await untilApplied(fleet.hub, ns, ["settings-configmap", "other-configmap"]);
      const before = await fleet.member1.json("get", "cm", "other", "-n", ns);

      await fleet.hub.kubectl("delete", "cm", "settings", "-n", ns);
      await until(async () => (await fleet.member1.run(["get", "cm", "settings", "-n", ns])).code !== 0, {
        what: "the object to be deleted",
      });
      await fleet.hub.kubectl("delete", "pp", "all", "-n", ns);
      expect((await fleet.hub.kubectl.run(["get", "cm", "other", "-n", ns])).code).toBe(0);
      await until(
        async () => {
          const template = await fleet.hub.kubectl.json<LiveObject>("get", "cm", "other", "-n", ns);
          return template.metadata.labels?.["propagationpolicy.karmada.io/permanent-id"] === undefined;
        },
        { what: "the claim to be taken off the template" },
      );
      expect(await fleet.member1.json("get", "cm", "other", "-n", ns)).toEqual(before);
    });

    test("a second member added to the placement gets the application, and loses it when taken off; the first notices nothing", async () => {
      const ns = "extend";
      await namespaceOn(ns, fleet.member1, fleet.hub.kubectl);
      const objects = [deployment("web", ns), service("web-svc", ns)];
      await fleet.member1.apply(objects);
      await untilRolledOut(fleet.member1, ns);
      const before = await lookAt(fleet.member1, ns);
      await fleet.hub.kubectl.apply([...objects, policy("app", ns, everything)]);
      await untilApplied(fleet.hub, ns, ["web-deployment", "web-svc-service"]);

      const place = (clusters: readonly string[]): Promise<string> =>
        fleet.hub.kubectl(
          "patch",
          "pp",
          "app",
          "-n",
          ns,
          "--type=merge",
          "-p",
          JSON.stringify({ spec: { placement: { clusterAffinity: { clusterNames: clusters } } } }),
        );
      await place(["member1", "member2"]);
      await untilManaged(fleet.member2, ["deploy", "web", "-n", ns], true);
      await untilRolledOut(fleet.member2, ns);
      await untilApplied(fleet.hub, ns, ["web-deployment", "web-svc-service"]);
      expect(await lookAt(fleet.member1, ns)).toEqual(before);

      await place(["member1"]);
      await until(async () => (await fleet.member2.run(["get", "deploy", "web", "-n", ns])).code !== 0, {
        what: "member2's copy to go",
      });
      await until(async () => (await fleet.member2.run(["get", "svc", "web-svc", "-n", ns])).code !== 0, {
        what: "member2's Service to go",
      });
      await untilApplied(fleet.hub, ns, ["web-deployment", "web-svc-service"]);
      expect(await lookAt(fleet.member1, ns)).toEqual(before);
    });
  },
);
