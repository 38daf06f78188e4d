import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { KubeObject } from "#machinery";
import { systemClock } from "#runtime";
import type { Sim } from "#sim";
import { type Fleet, startFleet, until } from "./fleet.ts";
import {
  apply,
  configMap,
  countOf,
  deployment,
  lookAt,
  merge,
  mustRead,
  namespace,
  ourKeys,
  placedIn,
  policy,
  refusalOf,
  remove,
  selectorOf,
  service,
  untilApplied,
  untilManaged,
  writesTo,
} from "./objects.ts";

let fleet: Fleet;
let member1: Sim;
let member2: Sim;

beforeAll(async () => {
  fleet = await startFleet({ members: ["member1", "member2"] });
  member1 = fleet.member("member1");
  member2 = fleet.member("member2");
}, 60_000);

afterEach(() => {
  for (const { faults } of Object.values(fleet.members)) faults.clear();
});

afterAll(() => fleet?.stop());

const application = (ns: string): readonly KubeObject[] => [
  ...["one", "two", "three"].map((name) => deployment(name, ns)),
  service("front", ns),
  configMap("settings", ns),
];

/** The application runs in both members and lies on the hub; no policy speaks of it yet. */
async function legacy(ns: string): Promise<readonly KubeObject[]> {
  const objects = application(ns);
  for (const { client } of [member1, member2]) await apply(client, namespace(ns));
  await apply(fleet.hub, namespace(ns));
  for (const member of [member1, member2]) {
    await untilManaged(member, namespace(ns));
    await member.load(objects);
    await member.settled();
    member.resetRequests();
  }
  await apply(fleet.hub, ...objects);
  return objects;
}

const claim = (ns: string, objects: readonly KubeObject[], ...clusters: readonly string[]): Promise<void> =>
  apply(
    fleet.hub,
    policy({ name: "app", namespace: ns }, objects.map(selectorOf), { placement: placedIn(...clusters) }),
  );

const onePatchEach = { "patch configmaps": 1, "patch deployments.apps": 3, "patch services": 1 };

test("conflicts: every object is read again and adopted", async () => {
  const objects = await legacy("conflict");
  const before = await lookAt(member1, objects);
  member1.faults.status({ code: 409, times: 3, verb: "patch", resource: "deployments.apps" });
  await claim("conflict", objects, "member1");
  await untilApplied(fleet.hub, objects);
  expect(await lookAt(member1, objects)).toEqual(before);
  expect(writesTo(member1)).toEqual({ ...onePatchEach, "patch deployments.apps": 6 });
  expect(countOf(member1, "get", "deployments.apps")).toBe(3);
});

test("429: nothing is asked again before Retry-After is over", async () => {
  const objects = await legacy("busy");
  const before = await lookAt(member1, objects);
  member1.faults.status({ code: 429, times: 1, verb: "patch", resource: "services", retryAfterSeconds: 2 });
  const startMs = systemClock.monotonicMs();
  await claim("busy", objects, "member1");
  await untilApplied(fleet.hub, objects);
  expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(2000);
  expect(await lookAt(member1, objects)).toEqual(before);
  expect(writesTo(member1)).toEqual({ ...onePatchEach, "patch services": 2 });
});

test("500: asked again, one more patch than there were errors", async () => {
  const objects = await legacy("broken");
  const before = await lookAt(member1, objects);
  member1.faults.status({ code: 500, times: 2, verb: "patch", resource: "configmaps" });
  await claim("broken", objects, "member1");
  await untilApplied(fleet.hub, objects);
  expect(await lookAt(member1, objects)).toEqual(before);
  expect(writesTo(member1)).toEqual({ ...onePatchEach, "patch configmaps": 3 });
});

test("connections reset in the middle of patches: every object ends right", async () => {
  const objects = await legacy("reset");
  const before = await lookAt(member1, objects);
  member1.faults.reset({ verb: "patch", times: 2 });
  await claim("reset", objects, "member1");
  await untilApplied(fleet.hub, objects);
  for (const object of objects) await untilManaged(member1, object);
  expect(await lookAt(member1, objects)).toEqual(before);
});

test("a member that refuses connections delays nobody, and is served when it is back", async () => {
  const objects = await legacy("refused");
  const before = [await lookAt(member1, objects), await lookAt(member2, objects)];
  const accept = await member1.faults.refuse();
  await claim("refused", objects, "member1", "member2");
  for (const object of objects) await untilManaged(member2, object);
  expect(writesTo(member2)).toEqual(onePatchEach);
  await accept();
  await untilApplied(fleet.hub, objects);
  expect([await lookAt(member1, objects), await lookAt(member2, objects)]).toEqual(before);
  // An object that the cut watch had not shown yet is first tried as new; the member refuses that, and it is adopted.
  expect([countOf(member1, "patch"), countOf(member1, "delete")]).toEqual([objects.length, 0]);
});

test("a slow member delays nobody", async () => {
  const objects = await legacy("slow");
  const before = [await lookAt(member1, objects), await lookAt(member2, objects)];
  const end = member1.faults.slow(3_000);
  const startMs = systemClock.monotonicMs();
  await claim("slow", objects, "member1", "member2");
  for (const object of objects) await untilManaged(member2, object);
  expect(systemClock.monotonicMs() - startMs).toBeLessThan(3_000);
  end();
  await untilApplied(fleet.hub, objects);
  expect([await lookAt(member1, objects), await lookAt(member2, objects)]).toEqual(before);
  expect(writesTo(member2)).toEqual(onePatchEach);
  expect(countOf(member1, "patch")).toBe(objects.length);
});

test("an object that the hub has not seen yet is adopted, not taken for one of its own making", async () => {
  const ns = "unseen";
  await legacy(ns);
  const late = deployment("late", ns);
  member1.faults.slow(60_000, { verb: "watch", resource: "deployments.apps" });
  member1.faults.cutWatches();
  const running = deployment("late", ns, { image: "nginx:1.24" });
  await member1.load([running]);
  const before = await lookAt(member1, [running]);
  await apply(fleet.hub, late);
  await claim(ns, [late], "member1");
  expect(await refusalOf(fleet.hub, late)).toContain("nginx:1.24");
  expect(await lookAt(member1, [running])).toEqual(before);
});

test("a rollback while the member is away, and errors when it is back: everything is given back, nothing deleted", async () => {
  const ns = "return";
  const objects = await legacy(ns);
  const before = await lookAt(member1, objects);
  await claim(ns, objects, "member1");
  await untilApplied(fleet.hub, objects);
  const accept = await member1.faults.refuse();
  const app = policy({ name: "app", namespace: ns }, []);
  await merge(fleet.hub, app, { spec: { preserveResourcesOnDeletion: true } });
  for (const object of objects) await remove(fleet.hub, object);
  await remove(fleet.hub, app);
  member1.faults.status({ code: 500, times: 2, verb: "patch" });
  member1.resetRequests();
  await accept();
  for (const object of objects) await untilManaged(member1, object, false);
  expect(await lookAt(member1, objects)).toEqual(before);
  expect([countOf(member1, "delete"), countOf(member1, "create")]).toEqual([0, 0]);
  for (const object of objects) {
    const live = await mustRead(member1.client, object);
    expect(ourKeys(live as Parameters<typeof ourKeys>[0])).toEqual([]);
  }
});

test("cut and expired watches lose no drift and cost no write", async () => {
  const objects = await legacy("watches");
  await claim("watches", objects, "member1");
  await untilApplied(fleet.hub, objects);
  const settings = configMap("settings", "watches");
  for (const end of ["cutWatches", "expireWatches"] as const) {
    member1.resetRequests();
    member1.faults[end]();
    await merge(member1.client, settings, { data: { key: end } });
    await until(`the drift after ${end} to be reverted`, async () => {
      return (await mustRead(member1.client, settings)).data?.key === "value";
    });
    expect(writesTo(member1)).toEqual({ "patch configmaps": 1 });
  }
});

test("a hub that starts again writes nothing to settled members, and goes on where it was", async () => {
  const objects = await legacy("restart");
  await claim("restart", objects, "member1", "member2");
  await untilApplied(fleet.hub, objects);
  await Promise.all([member1.settled(), member2.settled()]);
  for (const member of [member1, member2]) member.resetRequests();
  await fleet.stopHub();
  await fleet.startHub();
  const settings = configMap("settings", "restart");
  await merge(member1.client, settings, { data: { key: "drifted while the hub was away" } });
  await until("the drift to be reverted", async () => (await mustRead(member1.client, settings)).data?.key === "value");
  await merge(fleet.hub, settings, { data: { more: "1" } });
  for (const { client } of [member1, member2]) {
    await until("the edit to arrive", async () => (await mustRead(client, settings)).data?.more === "1");
  }
  expect(writesTo(member2)).toEqual({ "patch configmaps": 1 });
  expect(writesTo(member1)).toEqual({ "patch configmaps": 2 });
});
