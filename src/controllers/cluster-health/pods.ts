import type { Clock } from "#base";
import { type ReflectorSink, reflect } from "#informer";
import { type Key, type KubeObject, keyOf } from "#machinery";
import type { Member } from "#member";
import type { Lifecycle } from "#runtime";
import { resources } from "./deps.ts";
import { type PodUse, podUseOf } from "./summary.ts";

/** Follows a member's Pods and keeps what they request, not the Pods: a member may have a hundred thousand. */
export class PodUses {
  readonly #uses = new Map<Key, PodUse>();
  #synced = false;

  constructor(member: Member, { clock, lifecycle }: { readonly clock: Clock; readonly lifecycle: Lifecycle }) {
    const sink: ReflectorSink<KubeObject> = {
      replace: (pods) => {
        this.#uses.clear();
        for (const pod of pods) this.#put(pod);
        this.#synced = true;
      },
      apply: ({ type, object }) => {
        if (type === "DELETED") this.#uses.delete(keyOf(object));
        else this.#put(object);
      },
      failed: () => undefined,
    };
    const source = { client: member.client, clock, type: resources.pods, options: {} };
    lifecycle.run(`pods of ${member.name}`, (signal) => reflect(source, sink, signal));
  }

  get synced(): boolean {
    return this.#synced;
  }

  values(): Iterable<PodUse> {
    return this.#uses.values();
  }

  #put(pod: KubeObject): void {
    const use = podUseOf(pod);
    if (use === undefined) this.#uses.delete(keyOf(pod));
    else this.#uses.set(keyOf(pod), use);
  }
}
