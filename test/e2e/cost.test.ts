import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kubectl, requestCount, unavailable, until } from "./cluster.ts";
import { type Fleet, namespaceOn, startRealFleet, untilApplied } from "./fleet.ts";
import { configMap, deployment, type Manifest, policy, service } from "./objects.ts";

const perKind = 100;
const kinds = [
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "v1", kind: "ConfigMap" },
];

/** Requests the hub's account sent for three resources, by verb, as the member's API server counted them. */
async function requests(member: Kubectl, verb: string): Promise<number> {
  let sum = 0;
  for (const resource of ["deployments", "services", "configmaps"])
    sum += await requestCount(member, { verb, resource });
  return sum;
}

describe.skipIf(unavailable !== undefined)(
  `what a takeover costs the member${unavailable ? ` (${unavailable})` : ""}`,
  () => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await startRealFleet(["member1"]);
    });
    afterAll(() => fleet?.stop());

    test("one write per object, no read per object, and none of either after a restart of the hub", async () => {
      const ns = "cost";
      await namespaceOn(ns, fleet.member1, fleet.hub.kubectl);
      const objects: Manifest[] = Array.from({ length: perKind }, (_, i) => [
        deployment(`d${i}`, ns, { replicas: 0 }),
        service(`s${i}`, ns),
        configMap(`c${i}`, ns),
      ]).flat();
      await fleet.member1.apply(objects);
      await fleet.hub.kubectl.apply(objects);
      await until(
        async () => {
          const list = await fleet.member1.json<{ items: { status?: { observedGeneration?: number } }[] }>(
            "get",
            "deploy",
            "-n",
            ns,
          );
          return list.items.every((item) => item.status?.observedGeneration !== undefined);
        },
        { what: "the member's own controllers to have seen every Deployment" },
      );
      const before = {
        patch: await requests(fleet.member1, "PATCH"),
        get: await requests(fleet.member1, "GET"),
        put: await requests(fleet.member1, "PUT"),
      };
      await fleet.hub.kubectl.apply([policy("all", ns, kinds)]);
      await untilApplied(
        fleet.hub,
        ns,
        objects.map((object) => `${object.metadata.name}-${object.kind.toLowerCase()}`),
      );
      await until(
        async () =>
          (await fleet.member1("get", "deploy,svc,cm", "-n", ns, "-l", "karmada.io/managed=true", "-o", "name"))
            .trim()
            .split("\n").length === objects.length,
        { what: "every object to be managed" },
      );
      expect((await requests(fleet.member1, "PATCH")) - before.patch).toBe(objects.length);
      // The API server itself reads its Service default/kubernetes every ten seconds; 300 objects must not be read.
      expect((await requests(fleet.member1, "GET")) - before.get).toBeLessThan(10);

      const settled = {
        patch: await requests(fleet.member1, "PATCH"),
        put: await requests(fleet.member1, "PUT"),
        post: await requests(fleet.member1, "POST"),
      };
      await fleet.hub.kill();
      const hub = await fleet.hub.restart();
      try {
        await until(
          async () =>
            (await hub.kubectl(
              "get",
              "cluster",
              "member1",
              "-o",
              'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
            )) === "True",
          {
            what: "the member to be Ready again",
          },
        );
        await hub.kubectl("annotate", "cm", "c0", "-n", ns, "after=restart");
        await until(
          async () =>
            (await fleet.member1("get", "cm", "c0", "-n", ns, "-o", "jsonpath={.metadata.annotations.after}")) ===
            "restart",
          {
            what: "the restarted hub to act",
          },
        );
        expect({
          patch: await requests(fleet.member1, "PATCH"),
          put: await requests(fleet.member1, "PUT"),
          post: await requests(fleet.member1, "POST"),
        }).toEqual({ ...settled, patch: settled.patch + 1 });
      } finally {
        await hub.stop();
      }
    });
  },
);
