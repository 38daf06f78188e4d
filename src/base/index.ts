/**
 * What every layer may use: error classes told apart by class, the Clock and Logger interfaces, and read-only helpers.
 * Pure: no Node module, no clock, no randomness.
 */
export type { Clock } from "./clock.ts";
export { assertNever, errorText, InvariantError, isAbort, TerminalError } from "./errors.ts";
export type { Mutable } from "./frozen.ts";
export { deepClone, deepFreeze } from "./frozen.ts";
export type { Json, JsonObject } from "./json.ts";
export { isJsonObject } from "./json.ts";
export type { LogFields, Logger } from "./logger.ts";
