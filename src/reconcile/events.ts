import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Clock } from "#base";
import type { KubeClient } from "#client";
import { isNotFound, type KubeObject } from "#machinery";
import type { Lifecycle } from "#runtime";
import type { EventRecorder, EventSubject } from "./contract.ts";

export interface EventRecorderDeps {
  readonly client: KubeClient;
  /** `source.component` of the events. */
  readonly component: string;
  readonly clock: Clock;
  readonly lifecycle: Lifecycle;
}

const eventType = { group: "", version: "v1", resource: "events" };
const maxWaiting = 1000;
const maxRemembered = 4096;
const maxMessage = 1024;
/** Equal events within this time become one write. */
const gatherMs = 200;

interface Happening {
  readonly about: EventSubject;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
}

interface Written {
  readonly name: string;
  readonly namespace: string;
  readonly count: number;
}

/**
 * Writes core/v1 Events, gathered and off the caller's path. Events about cluster-scoped objects go to namespace
 * `default`. What does not fit the queue or cannot be written is lost: an event is a courtesy, never a record.
 */
export function eventRecorder(deps: EventRecorderDeps): EventRecorder {
  const { clock, lifecycle } = deps;
  const waiting = new Map<string, Happening>();
  const written = new LRUCache<string, Written>({ max: maxRemembered });
  const wake = { call: (): void => undefined };

  function record(type: Happening["type"], about: EventSubject, reason: string, message: string): void {
    const text = message.length > maxMessage ? `${message.slice(0, maxMessage - 3)}...` : message;
    const { uid, namespace, name } = about.metadata;
    const id = [about.apiVersion, about.kind, namespace, name, uid, type, reason, text].join("\n");
    const earlier = waiting.get(id);
    if (earlier === undefined && waiting.size >= maxWaiting) return;
    const nowMs = clock.now();
    const { firstMs, count } = earlier ?? { firstMs: nowMs, count: 0 };
    waiting.set(id, { about, type, reason, message: text, firstMs, lastMs: nowMs, count: count + 1 });
    wake.call();
  }

  async function writeWaiting(signal: AbortSignal): Promise<void> {
    for (const [id, happening] of waiting) {
      if (signal.aborted) return;
      waiting.delete(id);
      const done = await write(deps, happening, written.get(id), signal);
      if (done !== undefined) written.set(id, done);
    }
  }

  lifecycle.run(`events ${deps.component}`, async (signal) => {
    while (!signal.aborted) {
      if (waiting.size === 0) await nextWake(wake, signal);
      await clock.sleep(gatherMs, signal).catch(() => undefined);
      await writeWaiting(signal);
    }
  });

  return {
    normal: (about, reason, message) => record("Normal", about, reason, message),
    warning: (about, reason, message) => record("Warning", about, reason, message),
  };
}

function nextWake(wake: { call: () => void }, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    wake.call = resolve;
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Undefined when the event could not be written. */
async function write(
  deps: EventRecorderDeps,
  happening: Happening,
  before: Written | undefined,
  signal: AbortSignal,
): Promise<Written | undefined> {
  try {
    if (before !== undefined) {
      const counted = await countUp(deps.client, happening, before, signal);
      if (counted !== undefined) return counted;
    }
    const event = eventFor(deps.component, happening);
    await deps.client.create(eventType, event, {}, signal);
    return { name: event.metadata.name ?? "", namespace: event.metadata.namespace ?? "", count: happening.count };
  } catch {
    return undefined;
  }
}

/** Undefined when the event is gone: Kubernetes forgets events after an hour. */
async function countUp(
  client: KubeClient,
  happening: Happening,
  { name, namespace, count }: Written,
  signal: AbortSignal,
): Promise<Written | undefined> {
  const total = count + happening.count;
  const body = { count: total, lastTimestamp: timeText(happening.lastMs) };
  try {
    await client.patch({ type: eventType, key: { namespace, name } }, { type: "merge", body }, {}, signal);
    return { name, namespace, count: total };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function eventFor(component: string, { about, ...happening }: Happening): KubeObject {
  const { namespace = "", name = "", uid, resourceVersion } = about.metadata;
  const suffix = `${happening.firstMs.toString(16)}${randomBytes(3).toString("hex")}`;
  const involved = { kind: about.kind, namespace, name, uid, apiVersion: about.apiVersion, resourceVersion };
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name.slice(0, 230)}.${suffix}`, namespace: namespace === "" ? "default" : namespace },
    involvedObject: Object.fromEntries(
      Object.entries(involved).filter(([, value]) => value !== undefined && value !== ""),
    ),
    reason: happening.reason,
    message: happening.message,
    source: { component },
    firstTimestamp: timeText(happening.firstMs),
    lastTimestamp: timeText(happening.lastMs),
    count: happening.count,
    type: happening.type,
    eventTime: null,
    reportingComponent: component,
    reportingInstance: "",
  };
}

/** RFC 3339 without fractions, as `metav1.Time` is. */
const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
