import { type Clock, errorText, InvariantError, isAbort, type Logger } from "#base";
import { forbidden, isConflict, isNotFound, type KubeObject } from "#machinery";
import { deepEqual } from "#machinery/patch";
import type { AdmissionPlugin, ApiServer } from "../contract.ts";
import type { ResourceDefinition } from "../kinds/definition.ts";
import { crdDefinitions } from "./definitions.ts";
import { type OwnCalls, ownCalls } from "./hub-calls.ts";
import { cleanupFinalizer, isEstablished, statusFor } from "./names.ts";
import type { CustomResourceDefinition } from "./types.ts";

export interface CrdControllerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The server that serves what is defined. */
export interface CrdServer extends Pick<ApiServer, "handle"> {
  readonly catalogue: { set(source: string, definitions: readonly ResourceDefinition[]): void };
}

const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const retryMs = 1000;

/**
 * Serves what CustomResourceDefinitions define: gives them their names and conditions, keeps the catalogue equal to them,
 * and deletes their objects before them.
 */
export class CrdController {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #crds = new Map<string, CustomResourceDefinition>();
  /** What the catalogue has of each definition: told by identity of its spec. */
  readonly #served = new Map<string, unknown>();
  #resourceVersion = "";
  #connection: { readonly calls: OwnCalls; readonly catalogue: CrdServer["catalogue"] } | undefined;

  constructor(deps: CrdControllerDeps) {
    this.#clock = deps.clock;
    this.#logger = deps.logger.with({ controller: "crd" });
  }

  /** Serves what is established already. The server is not ready before this has happened. */
  async start(server: CrdServer): Promise<void> {
    this.#connection = { calls: ownCalls(server), catalogue: server.catalogue };
    await this.#load();
  }

  get #calls(): OwnCalls {
    return this.#connected().calls;
  }

  #connected(): { readonly calls: OwnCalls; readonly catalogue: CrdServer["catalogue"] } {
    if (this.#connection === undefined) throw new InvariantError("the CRD controller was run before it was started");
    return this.#connection;
  }

  async #load(): Promise<void> {
    const { items, metadata } = await this.#calls.list(path);
    this.#resourceVersion = metadata.resourceVersion ?? "";
    const names = new Set(items.map((item) => item.metadata.name));
    for (const name of [...this.#crds.keys()]) if (!names.has(name)) this.#forget(name);
    for (const item of items) this.#remember(item);
  }

  /** Follows every change until the signal is aborted; a watch that breaks is begun again from a list. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#syncAll();
        await this.#follow(signal);
        await this.#load();
      } catch (error) {
        if (isAbort(error) || signal.aborted) return;
        this.#logger.warn("watch of definitions ended", { reason: errorText(error) });
        await this.#clock.sleep(retryMs, signal).catch(() => undefined);
        await this.#load();
      }
    }
  }

  /** Refuses new objects of a definition that is going. */
  readonly admission: AdmissionPlugin = {
    name: "CustomResourceDefinitionTerminating",
    validate: ({ operation, group, resource, name }) => {
      if (operation !== "CREATE") return;
      const crd = this.#crds.get(`${resource}.${group}`);
      if (crd?.metadata.deletionTimestamp === undefined) return;
      throw forbidden({ group, resource }, name, "create not allowed while custom resource definition is terminating");
    },
  };

  async #follow(signal: AbortSignal): Promise<void> {
    const events = this.#calls.watch(path, this.#resourceVersion, signal);
    for await (const { type, object } of events) {
      this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
      if (type === "BOOKMARK") continue;
      if (type === "DELETED") this.#forget(object.metadata.name ?? "");
      else this.#remember(object);
      await this.#syncGroup((object as CustomResourceDefinition).spec.group);
    }
  }

  #remember(object: KubeObject): void {
    const crd = object as CustomResourceDefinition;
    this.#crds.set(crd.metadata.name ?? "", crd);
    if (isEstablished(crd)) this.#serve(crd);
  }

  #forget(name: string): void {
    this.#crds.delete(name);
    this.#served.delete(name);
    this.#connected().catalogue.set(name, []);
  }

  #serve(crd: CustomResourceDefinition): void {
    const name = crd.metadata.name ?? "";
    if (deepEqual(this.#served.get(name), crd.spec)) return;
    this.#served.set(name, crd.spec);
    this.#connected().catalogue.set(name, crdDefinitions(crd));
  }

  async #syncAll(): Promise<void> {
    for (const group of new Set([...this.#crds.values()].map((crd) => crd.spec.group))) await this.#syncGroup(group);
  }

  /** One group at a time: its definitions compete for names. */
  async #syncGroup(group: string): Promise<void> {
    for (const crd of [...this.#crds.values()].filter((one) => one.spec.group === group)) {
      try {
        await this.#sync(crd);
      } catch (error) {
        // Whoever wrote in between has caused an event, which brings the definition here again.
        if (isConflict(error) || isNotFound(error)) continue;
        this.#logger.warn("definition not served", { key: crd.metadata.name ?? "", reason: errorText(error) });
      }
    }
  }

  async #sync(crd: CustomResourceDefinition): Promise<void> {
    const current = await this.#updateStatus(crd);
    if (current.metadata.deletionTimestamp !== undefined) await this.#finalize(current);
  }

  async #updateStatus(crd: CustomResourceDefinition): Promise<CustomResourceDefinition> {
    const now = new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
    const status = statusFor(crd, [...this.#crds.values()], now);
    const wanted = { ...crd, status };
    // Served first, so that whoever waits for the condition finds the resource.
    if (isEstablished(wanted)) this.#serve(wanted);
    if (deepEqual(status, crd.status)) return crd;
    const stored = await this.#calls.put(`${path}/${crd.metadata.name}/status`, wanted);
    this.#remember(stored);
    return stored as CustomResourceDefinition;
  }

  /** Deletes the definition's objects, and lets it go when none is left. */
  async #finalize(crd: CustomResourceDefinition): Promise<void> {
    const finalizers = crd.metadata.finalizers ?? [];
    if (!finalizers.includes(cleanupFinalizer)) return;
    if ((await this.#deleteObjects(crd)) > 0) {
      this.#clock.after(retryMs, () => {
        this.#syncGroup(crd.spec.group).catch((error: unknown) => {
          this.#logger.warn("definition not finalized", { key: crd.metadata.name ?? "", reason: errorText(error) });
        });
      });
      return;
    }
    const metadata = { ...crd.metadata, finalizers: finalizers.filter((finalizer) => finalizer !== cleanupFinalizer) };
    await this.#calls.put(`${path}/${crd.metadata.name}`, { ...crd, metadata });
  }

  /** @returns how many are still there. */
  async #deleteObjects(crd: CustomResourceDefinition): Promise<number> {
    const version = crd.spec.versions.find((one) => one.served)?.name;
    if (version === undefined) return 0;
    const root = `/apis/${crd.spec.group}/${version}`;
    const all = `${root}/${crd.spec.names.plural}`;
    for (const { metadata } of (await this.#calls.list(all)).items) {
      if (metadata.deletionTimestamp !== undefined) continue;
      const scope = crd.spec.scope === "Namespaced" ? `${root}/namespaces/${metadata.namespace}` : root;
      await this.#calls.remove(`${scope}/${crd.spec.names.plural}/${metadata.name}`).catch(ignoreNotFound);
    }
    return (await this.#calls.list(all)).items.length;
  }
}

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
