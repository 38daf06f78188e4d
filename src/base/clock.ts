/** Time as a dependency. Tests pass a fake one that they advance; nothing else may read the system clock. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. */
  now(): number;
  /** Milliseconds on a clock that never jumps; only differences mean anything. */
  monotonicMs(): number;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms` milliseconds; the returned function cancels. Never keeps the process alive by itself. */
  after(ms: number, callback: () => void): () => void;
  /** Yields every `ms` milliseconds until the signal is aborted, then ends without an error. */
  every(ms: number, signal: AbortSignal): AsyncIterable<void>;
}
