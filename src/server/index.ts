/**
 * The composition root: one process that is a whole hub. `startHub` wires storage, API server, TLS, members and
 * controllers, and stops them in the opposite order. Knows no command line and reads no environment.
 */
export { type HubConfig, parseListen, serverUrl } from "./config.ts";
export { type HubDeps, type RunningHub, startHub } from "./hub.ts";
