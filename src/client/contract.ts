import type { GroupVersionKind, GroupVersionResource, KubeList, KubeObject, ObjectKey, WatchEvent } from "#machinery";

/**
 * One request to an API server. Over HTTP it becomes a URL and JSON; in process it reaches the server's handler as it
 * is, and `body` is never turned into text.
 */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with a slash, without the query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Default `application/json`. */
  readonly accept?: string;
  /** Only with `stream`: called when the server has accepted it, before the first item. */
  readonly onOpen?: () => void;
}

export interface ApiResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where the answer is JSON, else text. Never to be changed: in process it is the server's own object. */
  readonly body: unknown;
}

/** How requests reach an API server. A failure to get an answer at all is a TransportError. */
export interface ApiTransport {
  request(request: ApiRequest, signal?: AbortSignal): Promise<ApiResponse>;
  /**
   * Opens a watch: each item is one parsed `{type, object}` line. Ends when the server ends it.
   *
   * @throws StatusError when the server answers with anything but 200.
   */
  stream(request: ApiRequest, signal: AbortSignal): AsyncIterable<{ readonly type: string; readonly object: unknown }>;
  close(): Promise<void>;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  /** Called when the server has accepted the watch, before the first event. */
  readonly onOpen?: () => void;
}

export interface WriteOptions {
  readonly subresource?: string;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: "Strict" | "Warn" | "Ignore";
}

export interface DeleteOptions {
  readonly propagationPolicy?: "Foreground" | "Background" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
}

export interface Patch {
  readonly type: "merge" | "json" | "strategic" | "apply";
  readonly body: unknown;
  /** Only with apply. */
  readonly force?: boolean;
}

/** A served resource, as discovery describes it. */
export interface ApiResource extends GroupVersionResource, GroupVersionKind {
  readonly namespaced: boolean;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  /** Names after the slash: `status`, `scale`. */
  readonly subresources: readonly string[];
}

/** What a server serves. `partial` names the group-versions whose documents could not be read. */
export interface ApiCatalogue {
  readonly resources: readonly ApiResource[];
  readonly partial: readonly string[];
}

/** The one client for any Kubernetes API. Errors: StatusError when the server said no, TransportError when none answered. */
export interface KubeClient {
  /** Whose API: a cluster's name, or `hub`. For messages and logs. */
  readonly name: string;
  get<T extends KubeObject>(type: GroupVersionResource, key: ObjectKey, signal?: AbortSignal): Promise<T>;
  list<T extends KubeObject>(
    type: GroupVersionResource,
    options?: ListOptions,
    signal?: AbortSignal,
  ): Promise<KubeList<T>>;
  watch<T extends KubeObject>(
    type: GroupVersionResource,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>;
  /** Namespace from `object.metadata`. */
  create<T extends KubeObject>(
    type: GroupVersionResource,
    object: T,
    options?: WriteOptions,
    signal?: AbortSignal,
  ): Promise<T>;
  update<T extends KubeObject>(
    type: GroupVersionResource,
    object: T,
    options?: WriteOptions,
    signal?: AbortSignal,
  ): Promise<T>;
  patch<T extends KubeObject>(
    target: { readonly type: GroupVersionResource; readonly key: ObjectKey },
    patch: Patch,
    options?: WriteOptions,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Resolves to the object (still going) or a Status, whichever the server answered. */
  delete(
    target: { readonly type: GroupVersionResource; readonly key: ObjectKey },
    options?: DeleteOptions,
    signal?: AbortSignal,
  ): Promise<KubeObject>;
  /** Any other path: `/readyz`, `/version`, tables, proxies. Does not throw on an HTTP error status. */
  raw(request: ApiRequest, signal?: AbortSignal): Promise<ApiResponse>;
  /** Reads discovery afresh: aggregated where served, legacy documents otherwise (servers before 1.26). */
  discover(signal?: AbortSignal): Promise<ApiCatalogue>;
  close(): Promise<void>;
}
