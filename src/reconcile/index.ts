/** Work queue, rate limiter, runner and outcomes: the runner alone retries, counts and logs failures. */
export type { EventRecorder, EventSubject, Outcome, Runner, RunnerOptions } from "./contract.ts";
