/**
 * Where a binding's object goes: filter, score, select, divide. Pure: clusters and binding in, targets or a reason out.
 * A result other than `scheduled` never takes an object out of a cluster.
 */
export { estimateReplicas } from "./capacity.ts";
export type { ScheduleInput, ScheduleResult } from "./contract.ts";
export { isFresh, strategyOf } from "./divide.ts";
export { isWorkload } from "./filter.ts";
export { appliedPlacementText, concernsBinding, isSchedulable, needsScheduling } from "./needs.ts";
export { schedule } from "./schedule.ts";
export { divideByWeight, type Weight } from "./webster.ts";
