import type { Key, KubeObject } from "#machinery";

/** What came of one reconcile. `stuck` is for what only a person or another object's change can mend: no retry. */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "again"; readonly afterMs: number; readonly why: string }
  | { readonly kind: "stuck"; readonly reason: string; readonly hint: string };

/** A queue of keys and its workers: a key is never worked on twice at once, and adds while it is being worked on count once. */
export interface Runner {
  readonly name: string;
  enqueue(key: Key): void;
  enqueueAfter(key: Key, afterMs: number): void;
  /** Keys waiting or being worked on. */
  readonly depth: number;
  /** Resolves when nothing is queued, delayed or being worked on. For tests and graceful stops. */
  idle(): Promise<void>;
}

export interface RunnerOptions {
  readonly name: string;
  /** Workers at a time. */
  readonly concurrency?: number;
  /** While true, one worker goes on alone: what this queue does is for the eye and can wait for those who act. */
  yields?(): boolean;
  /**
   * Throwing means the unexpected: retried with exponential backoff (5 ms doubling to 1000 s, `controllers.md`), logged
   * once. A TerminalError is not retried.
   */
  reconcile(key: Key, signal: AbortSignal): Promise<Outcome>;
  /** Nothing is worked on before these have their first list: a half-filled cache makes wrong decisions. */
  readonly waitFor?: readonly { whenSynced(signal?: AbortSignal): Promise<void> }[];
  /** Told of each key that is stuck or failed for good: writes the condition that a person will read. */
  onStuck?(key: Key, outcome: Outcome & { readonly kind: "stuck" }): Promise<void> | void;
  readonly metrics?: RunnerMetrics;
}

/** Where a runner counts. Called often; must be cheap and must not throw. */
export interface RunnerMetrics {
  depth(runner: string, keys: number): void;
  finished(runner: string, how: Outcome["kind"] | "failed", ms: number): void;
  retried(runner: string): void;
}

/** Writes Kubernetes Events about objects: equal ones are counted up, not repeated. Never throws, never blocks. */
export interface EventRecorder {
  normal(about: EventSubject, reason: string, message: string): void;
  warning(about: EventSubject, reason: string, message: string): void;
}

/** The object an event is about, or enough to refer to it. */
export type EventSubject = Pick<KubeObject, "apiVersion" | "kind" | "metadata">;
