import { methodNotAllowed, StatusError } from "#machinery";
import type { ServerRequest } from "../contract.ts";
import type { Target } from "../registry/target.ts";
import type { Rendering } from "../represent/index.ts";

/** One request to a resource, everything about it known but its body. */
export interface ResourceRequest {
  readonly request: ServerRequest;
  readonly target: Target;
  readonly verb: string;
  readonly rendering: Rendering;
}

export const notAllowed = (): StatusError =>
  methodNotAllowed("the server does not allow this method on the requested resource");

export const noSuchResource = (): StatusError =>
  new StatusError(404, "NotFound", "the server could not find the requested resource", {});
