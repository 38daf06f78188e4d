/**
 * What touches the machine: the system clock (and a fake one for tests), the log sink, backoff, and the Lifecycle that
 * owns every loop. Nothing here starts at import.
 */
export { type Backoff, type BackoffOptions, backoffMs, exponentialBackoff } from "./backoff.ts";
export { systemClock } from "./clock.ts";
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { aborted, createLifecycle, type Lifecycle } from "./lifecycle.ts";
export { createLogger, type LoggerOptions, silentLogger } from "./logger.ts";
