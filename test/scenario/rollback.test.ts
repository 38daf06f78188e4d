import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubeObject } from "#machinery";
import { type Fleet, startFleet, until } from "./fleet.ts";
import {
  apply,
  bindingFor,
  bindingOf,
  configMap,
  deployment,
  lookAt,
  merge,
  mustRead,
  namespace,
  ourKeys,
  placedIn,
  policy,
  read,
  remove,
  selectorOf,
  service,
  untilApplied,
  untilGone,
  untilManaged,
  writesTo,
} from "./objects.ts";

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet({ members: ["member1", "member2"] });
}, 60_000);

afterAll(() => fleet?.stop());

async function legacy(name: string, objects: readonly KubeObject[]): Promise<unknown> {
  const member1 = fleet.member("member1");
  await apply(member1.client, namespace(name));
  await apply(fleet.hub, namespace(name));
  for (const member of Object.values(fleet.members)) await untilManaged(member, namespace(name));
  await member1.load(objects);
  return lookAt(member1, objects);
}

const application = (ns: string): readonly KubeObject[] => [
  deployment("nginx", ns),
  service("nginx-svc", ns),
  configMap("nginx-conf", ns),
];

test("preserve and deletion with no pause in between, twenty times, deletes nothing and leaves no key", async () => {
  const ns = "back";
  const member1 = fleet.member("member1");
  const objects = application(ns);
  const before = await legacy(ns, objects);
  const keysOf = async () =>
    (await Promise.all(objects.map((object) => mustRead(member1.client, object)))).map(({ metadata }) => ({
      ...(metadata.labels ?? {}),
      ...(metadata.annotations ?? {}),
    }));
  const original = await keysOf();
  const app = policy({ name: "app", namespace: ns }, objects.map(selectorOf));
  for (let round = 0; round < 20; round++) {
    member1.resetRequests();
    await apply(fleet.hub, ...objects, app);
    await untilApplied(fleet.hub, objects);
    await merge(fleet.hub, app, { spec: { preserveResourcesOnDeletion: true } });
    for (const object of objects) await remove(fleet.hub, object);
    await until(`round ${round}: every object to be free of our keys`, async () => {
      const live = await Promise.all(objects.map((object) => mustRead(member1.client, object)));
      return live.every((object) => ourKeys(object as Parameters<typeof ourKeys>[0]).length === 0);
    });
    await remove(fleet.hub, app);
    for (const object of [...objects.map(bindingFor), ...objects, app]) await untilGone(fleet.hub, object);
    expect(writesTo(member1)).toEqual({ "patch configmaps": 2, "patch deployments.apps": 2, "patch services": 2 });
  }
  expect(await lookAt(member1, objects)).toEqual(before);
  expect(await keysOf()).toEqual(original);
});

test("a second member gets the application, and loses it when taken off; the first notices nothing", async () => {
  const ns = "extend";
  const { member1, member2 } = { member1: fleet.member("member1"), member2: fleet.member("member2") };
  const objects = application(ns);
  const before = await legacy(ns, objects);
  const app = policy({ name: "app", namespace: ns }, objects.map(selectorOf));
  await apply(fleet.hub, ...objects, app);
  await untilApplied(fleet.hub, objects);
  member1.resetRequests();

  await merge(fleet.hub, app, { spec: { placement: placedIn("member1", "member2") } });
  for (const object of objects) await untilManaged(member2, object);
  await until("the application to run in member2", async () => {
    const { status } = await mustRead(member2.client, deployment("nginx", ns));
    return status?.readyReplicas === 2;
  });
  await until("the template's status to count both", async () => {
    const { status } = await mustRead(fleet.hub, deployment("nginx", ns));
    return status?.readyReplicas === 4;
  });
  expect(await lookAt(member1, objects)).toEqual(before);

  await merge(fleet.hub, app, { spec: { placement: placedIn("member1") } });
  for (const object of objects) await untilGone(member2.client, object);
  await untilApplied(fleet.hub, objects);
  expect(await lookAt(member1, objects)).toEqual(before);
  expect(writesTo(member1)).toEqual({});
});

test("replicas 0 keeps its cluster", async () => {
  const ns = "zero";
  const web = deployment("web", ns, { replicas: 0 });
  await legacy(ns, [web]);
  await apply(fleet.hub, web, policy({ name: "app", namespace: ns }, [selectorOf(web)]));
  await untilApplied(fleet.hub, [web]);
  expect((await bindingOf(fleet.hub, web))?.spec.clusters).toEqual([{ name: "member1" }]);
  await untilManaged(fleet.member("member1"), web);
});

test("a member that leaves keeps what was adopted, without our keys", async () => {
  const ns = "leave";
  const third = await fleet.startMember("member3");
  const settings = configMap("settings", ns);
  await apply(third.client, namespace(ns), settings);
  await fleet.join(third);
  await apply(fleet.hub, namespace(ns), settings);
  const app = policy({ name: "app", namespace: ns }, [selectorOf(settings)], { placement: placedIn("member3") });
  await apply(fleet.hub, app);
  await untilManaged(third, settings);
  const before = await lookAt(third, [settings]);
  await fleet.unjoin(third, false);
  expect(await lookAt(third, [settings])).toEqual(before);
  expect(ourKeys((await mustRead(third.client, settings)) as Parameters<typeof ourKeys>[0])).toEqual([]);

  await fleet.join(third);
  await untilManaged(third, settings);
  await fleet.unjoin(third, true);
  expect(await read(third.client, settings)).toBeUndefined();
  expect(await read(fleet.hub, settings)).toBeDefined();
});
