import type { Clock, Logger } from "#base";
import type { KubeObject } from "#machinery";
import type { Storage } from "#storage";
import type { ChangeableCatalogue } from "./catalogue/index.ts";
import type { ResourceDefinition } from "./kinds/definition.ts";

/** Who asks. In process it is given, over TLS it comes from the client certificate or token. */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** One request after transport: the same whether it came over TLS or in process. */
export interface ServerRequest {
  readonly method: string;
  /** Path without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly user: User;
  /** In process: the object itself. Over TLS: bytes, bounded. */
  readonly body?:
    | { readonly kind: "object"; readonly value: unknown }
    | { readonly kind: "bytes"; readonly bytes: Uint8Array };
  readonly signal: AbortSignal;
}

/** A list or object is answered as `object`, encoded only where somebody wants text; big lists come as slices of bytes. */
export type ServerResponse =
  | {
      readonly kind: "object";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly object: unknown;
      /** The JSON of `object` in slices, where most of it is encoded already; else whoever wants text encodes it. */
      text?(): Iterable<Uint8Array>;
    }
  | {
      readonly kind: "bytes";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
    }
  | { readonly kind: "watch"; readonly events: AsyncIterable<ServerWatchEvent> };

/** Encoded once per version, however many watch it. `line()` is the JSON line with its newline. */
export interface ServerWatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObject | { readonly [field: string]: unknown };
  line(): Uint8Array;
}

export interface ApiServerOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `gitVersion` of /version. */
  readonly version: string;
  /**
   * What kind of server this is. `hub` stores templates as written; `cluster` is for the simulator, which adds defaulting
   * and allocation through its own admission.
   */
  readonly profile: "hub" | "cluster";
  readonly admission?: readonly AdmissionPlugin[];
  /** What is served from the start; custom resources add theirs to the catalogue. */
  readonly definitions: readonly ResourceDefinition[];
  /** Answers `clusters/<name>/proxy/...`. Without it that path is refused by name. */
  readonly connect?: ConnectHandler;
}

/**
 * Takes a request on to a member. It is authorised already (`clusters/proxy`, resourceName the cluster). `path` is what
 * followed `proxy`, still percent-encoded, beginning with a slash. Throws a StatusError to refuse.
 */
export type ConnectHandler = (
  target: { readonly cluster: string; readonly path: string },
  request: ServerRequest,
) => Promise<ServerResponse>;

/** A request about to be written, seen by admission. */
export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
  readonly user: User;
  readonly dryRun: boolean;
}

/** May change (return another object) or refuse (throw a StatusError). Synchronous and pure unless it says otherwise. */
export interface AdmissionPlugin {
  readonly name: string;
  admit?(request: AdmissionRequest): KubeObject | Promise<KubeObject> | undefined;
  validate?(request: AdmissionRequest): void | Promise<void>;
}

export interface ApiServer {
  /** Never throws: failures are Status answers. */
  handle(request: ServerRequest): Promise<ServerResponse>;
  /** The last revision the server has seen; for metrics. */
  revision?(): number;
  /** True once caches are filled and handlers may be called. */
  ready(): boolean;
  close(): Promise<void>;
}

/** What `createApiServer` gives: resources may be added while it runs. */
export interface ExtensibleApiServer extends ApiServer {
  /** What is served now. */
  readonly catalogue: ChangeableCatalogue;
}
