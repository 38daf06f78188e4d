/**
 * Carries the status of members' objects into their Works. Reads Works and members' objects; writes `status.manifestStatuses`
 * of Works. A deleted member object leaves the last status in place.
 */

import equal from "fast-deep-equal";
import { resource } from "#api";
import type { ManifestStatus, Work } from "#api/work";
import type { KubeClient } from "#client";
import type { Informer } from "#informer";
import { gvkOf, gvrText, isConditionTrue, isNotFound, type Key, type KubeObject, keyOf, objectKeyOf } from "#machinery";
import { manifestStatusOf } from "#manifest";
import type { Member, Members } from "#member";
import { clusterOfWork, workTargetIndex, workTargetKey, workTargetValues } from "#migration";
import { done, type Outcome, type Runner, type RunnerOptions } from "#reconcile";

export interface WorkStatusDeps {
  readonly hub: KubeClient;
  readonly works: Informer<Work>;
  readonly members: Members;
  runner(options: RunnerOptions): Runner;
}

/** A rollout changes a status many times a second; one write gathers what comes within this time. */
const gatherMs = 50;

export function startWorkStatus(deps: WorkStatusDeps): { runners(): readonly Runner[] } {
  deps.works.addIndex(workTargetIndex, workTargetValues);
  const queues = new Map<string, StatusQueue>();
  const follow = (work: Work): void => {
    const queue = queues.get(clusterOfWork(work) ?? "");
    if (queue !== undefined && isConditionTrue(work.status?.conditions, "Applied")) queue.follow(work);
  };
  deps.members.subscribe({
    onOpen: (member) => {
      queues.set(member.name, queues.get(member.name)?.renewed(member) ?? new StatusQueue(member, deps));
      for (const work of deps.works.list()) if (clusterOfWork(work) === member.name) follow(work);
    },
  });
  deps.works.subscribe({
    onAdd: follow,
    onUpdate: (old, work) => {
      if (!equal(old.status, work.status)) follow(work);
    },
  });
  return { runners: () => [...queues.values()].map(({ runner }) => runner) };
}

/** One member's Works, so that a slow hub write for one delays no other's. */
class StatusQueue {
  readonly runner: Runner;
  readonly #deps: WorkStatusDeps;
  readonly #followed = new Set<string>();
  #member: Member;

  constructor(member: Member, deps: WorkStatusDeps) {
    this.#member = member;
    this.#deps = deps;
    this.runner = deps.runner({
      name: `work-status ${member.name}`,
      concurrency: 32,
      reconcile: (key) => this.#reflect(key),
    });
  }

  /** The same queue for a new connection. */
  renewed(member: Member): this {
    if (member !== this.#member) this.#followed.clear();
    this.#member = member;
    return this;
  }

  follow(work: Work): void {
    for (const manifest of work.spec.workload?.manifests ?? []) {
      const type = this.#member.resourceFor(gvkOf(manifest));
      if (type === undefined || this.#followed.has(gvrText(type))) continue;
      this.#followed.add(gvrText(type));
      const changed = (object: KubeObject): void => this.#enqueueFor(object);
      this.#member.informers.informerFor(type).subscribe({
        onAdd: changed,
        onUpdate: (_old, object) => changed(object),
      });
    }
    this.runner.enqueue(keyOf(work));
  }

  #enqueueFor(object: KubeObject): void {
    const works = this.#deps.works.byIndex(workTargetIndex, workTargetKey(this.#member.name, object));
    for (const work of works) this.runner.enqueueAfter(keyOf(work), gatherMs);
  }

  async #reflect(key: Key): Promise<Outcome> {
    const work = this.#deps.works.get(key);
    if (work === undefined || work.metadata.deletionTimestamp !== undefined) return done();
    if (!isConditionTrue(work.status?.conditions, "Applied")) return done();
    const manifests = work.spec.workload?.manifests ?? [];
    const manifestStatuses = manifests.flatMap((manifest, ordinal) => this.#statusOf(manifest, ordinal) ?? []);
    if (manifestStatuses.length < manifests.length || equal(manifestStatuses, work.status?.manifestStatuses))
      return done();
    const target = { type: resource.works, key: objectKeyOf(work) };
    try {
      const body = { status: { manifestStatuses } };
      await this.#deps.hub.patch(target, { type: "merge", body }, { subresource: "status" });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return done();
  }

  #statusOf(manifest: KubeObject, ordinal: number): ManifestStatus | undefined {
    const type = this.#member.resourceFor(gvkOf(manifest));
    const live = type && this.#member.informers.informerFor(type).get(keyOf(manifest));
    return live === undefined || type === undefined ? undefined : manifestStatusOf(live, type.resource, ordinal);
  }
}
