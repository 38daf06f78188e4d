/** A path of the Kubernetes URL grammar. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Empty: cluster-scoped or all namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  /** The old form `/api/v1/watch/...`. */
  readonly watch: boolean;
}

/** @returns undefined for paths of anything but resources; discovery has them down to `/apis/GROUP/VERSION`. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  let parts: string[];
  try {
    parts = segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
  const core = parts[0] === "api";
  if (!core && parts[0] !== "apis") return undefined;
  const [group = "", version = ""] = core ? ["", parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(core ? 2 : 3);
  const watch = rest[0] === "watch" && rest.length > 1;
  const place = placeOf(watch ? rest.slice(1) : rest);
  return place === undefined ? undefined : { group, version, watch, ...place };
}

type Place = Pick<ResourcePath, "resource" | "namespace" | "name" | "subresource">;

/** `namespaces/a` and its subresources are the Namespace itself; `namespaces/a/RESOURCE` is what is in it. */
function placeOf(parts: readonly string[]): Place | undefined {
  const [resource, name = "", third, ...more] = parts;
  if (resource === undefined) return undefined;
  const ofNamespace = third === "status" || third === "finalize";
  if (resource === "namespaces" && third !== undefined && !ofNamespace) {
    const [inner = "", ...subresource] = more;
    return { resource: third, namespace: name, name: inner, subresource: subresource.join("/") };
  }
  return {
    resource,
    namespace: "",
    name,
    subresource: [third, ...more].filter((part) => part !== undefined).join("/"),
  };
}
