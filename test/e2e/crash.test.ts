import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Hub, unavailable, until } from "./cluster.ts";
import { type Fleet, namespaceOn, startRealFleet } from "./fleet.ts";
import { configMap, deployment, type LiveObject, lookAt, type Manifest, ourKeys, policy, service } from "./objects.ts";

const kinds = [
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "v1", kind: "ConfigMap" },
];
const perKind = 100;
const killsEach = 10;

/** Pauses between kills, in milliseconds, from a fixed seed: a failure can be run again. */
function pauses(seed: number, count: number, upTo: number): readonly number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 20 + (state % upTo);
  });
}

describe.skipIf(unavailable !== undefined)("a hub killed again and again", () => {
  let fleet: Fleet;
  let hub: Hub;
  beforeAll(async () => {
    fleet = await startRealFleet(["member1"]);
    hub = fleet.hub;
  });
  afterAll(() => hub?.remove());

  async function killRepeatedly(seed: number): Promise<void> {
    for (const pause of pauses(seed, killsEach, 700)) {
      await delay(pause);
      await hub.kill();
      hub = await hub.restart();
    }
  }

  const listed = async (ns: string): Promise<readonly LiveObject[]> =>
    (await fleet.member1.json<{ items: LiveObject[] }>("get", "deploy,svc,cm", "-n", ns)).items.filter(
      (item) => item.metadata.name !== "kube-root-ca.crt",
    );

  test("in the middle of a takeover of 300 objects and of its rollback: every object right at the end, nothing touched", async () => {
    const ns = "crash";
    await namespaceOn(ns, fleet.member1, hub.kubectl);
    const objects: Manifest[] = Array.from({ length: perKind }, (_, i) => [
      deployment(`d${i}`, ns, { replicas: i % 10 === 0 ? 1 : 0 }),
      service(`s${i}`, ns),
      configMap(`c${i}`, ns),
    ]).flat();
    await fleet.member1.apply(objects);
    await until(
      async () => (await lookAt(fleet.member1, ns)).pods.filter((pod) => pod.containers.length > 0).length === 10,
      { what: "Pods to run" },
    );
    await hub.kubectl.apply(objects);
    const before = await lookAt(fleet.member1, ns);

    await hub.kubectl.apply([policy("all", ns, kinds)]);
    await killRepeatedly(7);
    await until(
      async () => (await listed(ns)).every((item) => item.metadata.labels?.["karmada.io/managed"] === "true"),
      {
        what: "every object to be managed",
        timeoutMs: 120_000,
      },
    );
    expect(await lookAt(fleet.member1, ns)).toEqual(before);

    await hub.kubectl(
      "patch",
      "pp",
      "all",
      "-n",
      ns,
      "--type=merge",
      "-p",
      '{"spec":{"preserveResourcesOnDeletion":true}}',
    );
    await hub.kubectl("delete", "deploy,svc,cm", "--all", "-n", ns, "--wait=false");
    await killRepeatedly(11);
    await until(async () => (await listed(ns)).every((item) => ourKeys(item).length === 0), {
      what: "every object to be free again",
      timeoutMs: 120_000,
    });
    expect(await listed(ns)).toHaveLength(objects.length);
    expect(await lookAt(fleet.member1, ns)).toEqual(before);
  });
});
