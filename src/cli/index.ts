/** The command line. One function takes arguments and gives an exit status; each verb is loaded only when it is used. */

export type { CliIo } from "./io.ts";
export { main } from "./main.ts";
