import type { ServerRequest } from "#apiserver";

/** How often something was asked for over the network. Requests of the simulated controllers do not count. */
export interface RequestCount {
  readonly verb: string;
  /** `deployments.apps`, `pods/status`; a path where it is no resource. */
  readonly resource: string;
  readonly count: number;
}

export interface RequestTarget {
  readonly verb: string;
  readonly resource: string;
}

const verbs: Readonly<Record<string, string>> = { POST: "create", PUT: "update", PATCH: "patch" };
const pattern =
  /^\/(?:api\/[^/]+|apis\/(?<group>[^/]+)\/[^/]+)(?:\/namespaces\/[^/]+(?=\/[^/]))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>.+))?$/;
const namespaceSubresources = new Set(["status", "finalize"]);

/** What a request asks for, as its method and path say it. */
export function requestTarget(request: Pick<ServerRequest, "method" | "path" | "query">): RequestTarget {
  const ofNamespace = /^\/api\/v1\/namespaces\/[^/]+\/(?<sub>[^/]+)$/.exec(request.path)?.groups?.sub;
  if (ofNamespace !== undefined && namespaceSubresources.has(ofNamespace)) {
    return { verb: verbOf(request, true), resource: `namespaces/${ofNamespace}` };
  }
  const found = pattern.exec(request.path)?.groups;
  if (found === undefined) return { verb: request.method.toLowerCase(), resource: request.path };
  const { group, resource = "", name, sub } = found;
  const qualified = group === undefined ? resource : `${resource}.${group}`;
  return { verb: verbOf(request, name !== undefined), resource: sub === undefined ? qualified : `${qualified}/${sub}` };
}

function verbOf(request: Pick<ServerRequest, "method" | "query">, isNamed: boolean): string {
  const watch = request.query.get("watch");
  if (request.method === "DELETE") return isNamed ? "delete" : "deletecollection";
  if (request.method !== "GET") return verbs[request.method] ?? request.method.toLowerCase();
  if (watch === "true" || watch === "1") return "watch";
  return isNamed ? "get" : "list";
}

export class RequestCounter {
  readonly #counts = new Map<string, RequestCount>();

  add(target: RequestTarget): void {
    const key = `${target.verb} ${target.resource}`;
    this.#counts.set(key, { ...target, count: (this.#counts.get(key)?.count ?? 0) + 1 });
  }

  all(): readonly RequestCount[] {
    return [...this.#counts.values()].sort((left, right) =>
      `${left.resource} ${left.verb}` < `${right.resource} ${right.verb}` ? -1 : 1,
    );
  }

  clear(): void {
    this.#counts.clear();
  }
}
