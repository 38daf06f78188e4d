import type { ApiCatalogue, ApiResource, KubeClient } from "#client";
import type { InformerFactory } from "#informer";
import type { GroupVersionKind } from "#machinery";
import type { Probe } from "./probe.ts";
import type { RequestWindow } from "./window.ts";

/** A live connection to one registered cluster. Stays the same object when the credentials change. */
export interface Member {
  readonly name: string;
  /** Every request passes the member's window; watches do not. */
  readonly client: KubeClient;
  readonly informers: InformerFactory;
  /** The Cluster object's Ready condition is True. */
  readonly ready: boolean;
  /** What the member serves, as of the last successful discovery. */
  readonly catalogue: ApiCatalogue | undefined;
  /** The member's resource of a kind; undefined when it is not served or discovery has not been read yet. */
  resourceFor(gvk: GroupVersionKind): ApiResource | undefined;
  /** As resourceFor; a kind that is not known yet is looked for once more, at most every few seconds. */
  findResource(gvk: GroupVersionKind, signal?: AbortSignal): Promise<ApiResource | undefined>;
  /** Reads discovery now. */
  refreshCatalogue(signal?: AbortSignal): Promise<ApiCatalogue>;
  readonly window: RequestWindow;
  /** Asks the member's health endpoint. Passes no window, so a busy member is not taken for a dead one. Never throws. */
  probe(signal?: AbortSignal): Promise<Probe>;
}

export interface MemberHandler {
  /** A connection was opened; present members come first. It need not be ready. */
  onOpen?(member: Member): void;
  /** The Cluster is gone, or is another one of the same name; the connection has been closed. */
  onClose?(member: Member): void;
}

/** The members of the hub's Cluster objects and their Secrets, followed as these change. */
export interface Members {
  get(name: string): Member | undefined;
  all(): readonly Member[];
  /** Why a Cluster has no connection, or works with an outdated one: in words. Undefined while all is well. */
  problemOf(name: string): Error | undefined;
  subscribe(handler: MemberHandler): () => void;
  /** Resolves when the Clusters and Secrets known at the start have been read. */
  whenSynced(signal?: AbortSignal): Promise<void>;
}
