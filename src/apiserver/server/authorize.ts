import { forbidden, StatusError } from "#machinery";
import type { ServerRequest, User } from "../contract.ts";
import type { ResourcePath } from "./route.ts";

const masters = "system:masters";

/**
 * Members of system:masters may do everything. Whoever is known may ask who they are and what they may do, and what is served;
 * anybody may ask for health and version.
 */
export const isMaster = (user: User): boolean => user.groups.includes(masters);

const openPaths = ["/healthz", "/livez", "/readyz", "/version"];

export const isOpen = (path: string): boolean =>
  openPaths.some((open) => path === open || (open !== "/version" && path.startsWith(`${open}/`)));

const discovery = /^\/(api|apis|openapi)(\/|$)|^\/version\/$/;

/** Whether a user who is no master may ask for a path that is no resource. */
export const isOpenTo = (user: User, verb: string, path: string): boolean =>
  isOpen(path) || (verb === "get" && user.groups.includes("system:authenticated") && discovery.test(path));

const selfReviews = new Set(["selfsubjectreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews"]);

const asksAboutItself = ({ method, user }: ServerRequest, { group, resource, subresource }: ResourcePath): boolean =>
  method === "POST" &&
  subresource === "" &&
  selfReviews.has(resource) &&
  ["authentication.k8s.io", "authorization.k8s.io"].includes(group) &&
  user.groups.includes("system:authenticated");

/** @throws StatusError 403 in Kubernetes' words. */
export function authorize(request: ServerRequest, place: ResourcePath | undefined): void {
  const { user, path } = request;
  if (isOpen(path) || isMaster(user)) return;
  if (place === undefined) {
    const verb = request.method.toLowerCase();
    if (isOpenTo(user, verb, path)) return;
    const message = `forbidden: User "${user.name}" cannot ${verb} path "${path}"`;
    throw new StatusError(403, "Forbidden", message, {});
  }
  const { group, resource, subresource, namespace, name } = place;
  if (asksAboutItself(request, place)) return;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  // A namespace is in itself.
  const space = group === "" && resource === "namespaces" ? name : namespace;
  const scope = space === "" ? "at the cluster scope" : `in the namespace "${space}"`;
  const why = `User "${user.name}" cannot ${verbOf(request, place)} resource "${what}" in API group "${group}" ${scope}`;
  throw forbidden({ group, resource }, name, why);
}

/** The verb of a request, as rules and metrics name it. */
export function verbOf(request: Pick<ServerRequest, "method" | "query">, place: ResourcePath): string {
  const { name } = place;
  switch (request.method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    default:
      if (place.watch || (name === "" && isWatching(request.query))) return "watch";
      return name === "" ? "list" : "get";
  }
}

const isWatching = (query: URLSearchParams): boolean => {
  const value = query.get("watch");
  return value !== null && value !== "false" && value !== "0";
};
