/** One `handle` for every caller: routes, authorizes, answers. */
export { createApiServer } from "./api-server.ts";
export { isOpen, verbOf } from "./authorize.ts";
export { parseResourcePath } from "./route.ts";
