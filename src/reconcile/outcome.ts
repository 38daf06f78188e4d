import type { Outcome } from "./contract.ts";

const finished: Outcome & { kind: "done" } = { kind: "done" };

export const done = (): Outcome & { kind: "done" } => finished;

export const again = (afterMs: number, why: string): Outcome & { kind: "again" } => ({ kind: "again", afterMs, why });

export const stuck = (reason: string, hint: string): Outcome & { kind: "stuck" } => ({ kind: "stuck", reason, hint });
