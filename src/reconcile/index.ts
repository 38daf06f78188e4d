/** Work queue, rate limiter, runner and outcomes: the runner alone retries, counts and logs failures. */
export type { EventRecorder, EventSubject, Outcome, Runner, RunnerMetrics, RunnerOptions } from "./contract.ts";
export { type EventRecorderDeps, eventRecorder } from "./events.ts";
export { again, done, stuck } from "./outcome.ts";
export { createRunner, type RunnerDeps } from "./runner.ts";
