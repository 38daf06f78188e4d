import { resource } from "#api";
import type { Cluster } from "#api/cluster";
import type { Clock, Logger } from "#base";
import { type ApiTransport, createClient, type RequestRecord } from "#client";
import { type HttpOptions, httpTransport } from "#client/http";
import { createInformerFactory, type Informer, type InformerFactory } from "#informer";
import { isConditionTrue, type KubeObject, keyFor } from "#machinery";
import type { Lifecycle } from "#runtime";
import { Catalogue } from "./catalogue.ts";
import { connectionFor } from "./connection.ts";
import type { Member, MemberHandler, Members } from "./contract.ts";
import { probeMember } from "./probe.ts";
import { type ExchangeableTransport, exchangeableTransport, windowedTransport } from "./transports.ts";
import { RequestWindow } from "./window.ts";

export interface MembersDeps {
  /** The hub's informers: Clusters, and the Secrets of their namespaces. */
  readonly hub: InformerFactory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  /** How to reach a member; default HTTP. */
  readonly transportFor?: (options: HttpOptions) => ApiTransport;
  /** Called after each request to a member. For metrics. */
  readonly onRequest?: (cluster: string, record: RequestRecord) => void;
}

export const clusterType = resource.clusters;
const secretType = { group: "", version: "v1", resource: "secrets" };
const maxConnections = 64;
const probeTimeoutMs = 10_000;

export function createMembers(deps: MembersDeps): Members {
  return new LiveMembers(deps);
}

interface Entry {
  readonly member: Member;
  readonly transport: ExchangeableTransport;
  readonly lifecycle: Lifecycle;
  /** UID and cluster ID: what must stay for the connection to be the same cluster's. */
  readonly identity: string;
  /** The options in use, to see changes. */
  connection: string;
}

class LiveMembers implements Members {
  readonly #deps: MembersDeps;
  readonly #clusters: Informer<Cluster>;
  readonly #secrets = new Map<string, Informer>();
  readonly #entries = new Map<string, Entry>();
  readonly #problems = new Map<string, Error>();
  readonly #handlers = new Set<MemberHandler>();

  constructor(deps: MembersDeps) {
    this.#deps = deps;
    this.#clusters = deps.hub.informerFor<Cluster>(clusterType);
    this.#clusters.subscribe({
      onAdd: (cluster) => this.#follow(cluster),
      onUpdate: (_old, cluster) => this.#follow(cluster),
      onDelete: (cluster) => this.#forget(cluster.metadata.name ?? ""),
    });
  }

  get(name: string): Member | undefined {
    return this.#entries.get(name)?.member;
  }

  all(): readonly Member[] {
    return [...this.#entries.values()].map(({ member }) => member);
  }

  problemOf(name: string): Error | undefined {
    return this.#problems.get(name);
  }

  subscribe(handler: MemberHandler): () => void {
    for (const member of this.all()) handler.onOpen?.(member);
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  async whenSynced(signal?: AbortSignal): Promise<void> {
    await this.#clusters.whenSynced(signal);
    await Promise.all([...this.#secrets.values()].map((informer) => informer.whenSynced(signal)));
  }

  #follow(cluster: Cluster): void {
    const name = cluster.metadata.name ?? "";
    const secret = this.#secretOf(cluster);
    if (secret === "reading") return;
    try {
      const connection = connectionFor(cluster, secret);
      this.#connect(cluster, connection);
      this.#problems.delete(name);
    } catch (error) {
      // A Secret that is away for a moment must not cost a running connection.
      this.#problems.set(name, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #secretOf(cluster: Cluster): KubeObject | undefined | "reading" {
    const ref = cluster.spec.secretRef;
    if (ref === undefined) return undefined;
    const informer = this.#secretsIn(ref.namespace);
    return informer.synced ? informer.get(keyFor(ref)) : "reading";
  }

  #secretsIn(namespace: string): Informer {
    const known = this.#secrets.get(namespace);
    if (known !== undefined) return known;
    const informer = this.#deps.hub.informerFor(secretType, { namespace });
    this.#secrets.set(namespace, informer);
    const changed = (secret: KubeObject): void => {
      for (const cluster of this.#clusters.list()) {
        const ref = cluster.spec.secretRef;
        if (ref?.namespace === namespace && ref.name === secret.metadata.name) this.#follow(cluster);
      }
    };
    informer.subscribe({ onAdd: changed, onUpdate: (_old, secret) => changed(secret), onDelete: changed });
    this.#deps.lifecycle.run(`secrets of ${namespace}`, async (signal) => {
      await informer.whenSynced(signal);
      for (const cluster of this.#clusters.list()) {
        if (cluster.spec.secretRef?.namespace === namespace) this.#follow(cluster);
      }
    });
    return informer;
  }

  #connect(cluster: Cluster, options: HttpOptions): void {
    const name = cluster.metadata.name ?? "";
    const identity = `${cluster.metadata.uid} ${cluster.spec.id}`;
    const connection = JSON.stringify(options);
    const present = this.#entries.get(name);
    if (present !== undefined && present.identity !== identity) this.#forget(name);
    else if (present !== undefined) {
      if (present.connection === connection) return;
      present.transport.exchange(this.#transportFor(options));
      present.connection = connection;
      this.#deps.logger.info("member credentials changed", { cluster: name });
      return;
    }
    const entry = this.#open(name, { options, identity, connection });
    this.#entries.set(name, entry);
    for (const handler of this.#handlers) handler.onOpen?.(entry.member);
  }

  #open(
    name: string,
    how: { readonly options: HttpOptions; readonly identity: string; readonly connection: string },
  ): Entry {
    const { clock, logger, onRequest } = this.#deps;
    const lifecycle = this.#deps.lifecycle.child();
    const transport = exchangeableTransport(this.#transportFor(how.options));
    const window = new RequestWindow({ clock, max: maxConnections });
    const client = createClient({
      name,
      transport: windowedTransport(transport, window, clock),
      clock,
      ...(onRequest === undefined ? {} : { onRequest: (record: RequestRecord) => onRequest(name, record) }),
    });
    const direct = createClient({ name, transport, clock });
    const catalogue = new Catalogue(client, clock);
    const informers = createInformerFactory({ client, clock, logger, lifecycle });
    const clusters = this.#clusters;
    lifecycle.onStop(() => transport.close());
    const member: Member = {
      name,
      client,
      informers,
      window,
      get ready() {
        return isConditionTrue(clusters.get(name)?.status?.conditions, "Ready");
      },
      get catalogue() {
        return catalogue.current;
      },
      resourceFor: (gvk) => catalogue.resourceFor(gvk),
      findResource: (gvk) => catalogue.findResource(gvk),
      refreshCatalogue: () => catalogue.refresh(),
      probe: (signal) => withTimeout(clock, signal, (limited) => probeMember(direct, limited)),
    };
    return { member, transport, lifecycle, identity: how.identity, connection: how.connection };
  }

  #transportFor(options: HttpOptions): ApiTransport {
    const connect = this.#deps.transportFor ?? httpTransport;
    return connect({ ...options, connections: maxConnections });
  }

  #forget(name: string): void {
    this.#problems.delete(name);
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    void entry.lifecycle.stop();
    for (const handler of this.#handlers) handler.onClose?.(entry.member);
  }
}

async function withTimeout<T>(
  clock: Clock,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const cancel = clock.after(probeTimeoutMs, () =>
    controller.abort(new Error(`no answer within ${probeTimeoutMs / 1000} s`)),
  );
  try {
    return await run(signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]));
  } finally {
    cancel();
  }
}
