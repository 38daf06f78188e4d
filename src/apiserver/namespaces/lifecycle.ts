import { isAbort, type Logger } from "#base";
import { isAlreadyExists, isConflict, isNotFound, type KubeObject } from "#machinery";
import type { CacheEvent } from "../cache/index.ts";
import type { ResourceDefinition } from "../kinds/definition.ts";
import { createObject } from "../registry/create.ts";
import { deleteObject } from "../registry/delete.ts";
import { serverTarget } from "../registry/server-target.ts";
import { cacheOf, type RegistryDeps } from "../registry/target.ts";
import { updateObject } from "../registry/update.ts";
import { Signal } from "./signal.ts";

const always = ["default", "kube-system", "kube-public", "kube-node-lease"];

const namespaceDefinition = (deps: RegistryDeps): ResourceDefinition | undefined =>
  deps.catalogue.find("", "v1", "namespaces");

/** The namespaces that every cluster has. */
export async function ensureNamespaces(deps: RegistryDeps): Promise<void> {
  const definition = namespaceDefinition(deps);
  if (definition === undefined) return;
  const missing = always.filter(
    (name) => cacheOf(deps, definition).get(`/registry/core/namespaces/${name}`) === undefined,
  );
  await Promise.all(
    missing.map(async (name) => {
      const object: KubeObject = { kind: "Namespace", apiVersion: "v1", metadata: { name } };
      try {
        await createObject(deps, serverTarget(definition, "", name), object);
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }),
  );
}

/** Empties namespaces that are being deleted, and lets them go when nothing is left in them. */
export async function emptyNamespaces(deps: RegistryDeps, logger: Logger, signal: AbortSignal): Promise<void> {
  const definition = namespaceDefinition(deps);
  if (definition === undefined) return;
  const cache = cacheOf(deps, definition);
  const due = new Set<string>();
  const wake = new Signal(signal);
  const note = (object: KubeObject): void => {
    if (object.metadata.deletionTimestamp === undefined) return;
    due.add(object.metadata.name ?? "");
    wake.set();
  };
  const stops = [cache.listen((event) => event.type !== "DELETED" && note(event.entry.object))];
  for (const entry of cache.list()) note(entry.object);
  stops.push(deps.caches.listen((event) => noteContent(event, { deps, note })));
  while (!signal.aborted) {
    const names = [...due];
    due.clear();
    for (const name of names) await emptyOne(deps, { definition, name, logger });
    if (due.size === 0) await wake.wait();
  }
  for (const stop of stops) stop();
}

/** Content that goes may be the last a namespace waited for. */
function noteContent(
  event: CacheEvent,
  { deps, note }: { readonly deps: RegistryDeps; readonly note: (object: KubeObject) => void },
): void {
  const { namespace } = event.entry.object.metadata;
  if (event.type !== "DELETED" || namespace === undefined) return;
  const owner = deps.caches.of({ group: "", resource: "namespaces" }).get(`/registry/core/namespaces/${namespace}`);
  if (owner !== undefined) note(owner.object);
}

async function emptyOne(
  deps: RegistryDeps,
  of: { readonly definition: ResourceDefinition; readonly name: string; readonly logger: Logger },
): Promise<void> {
  const { definition, name, logger } = of;
  try {
    if (await deleteContent(deps, name)) return;
    await updateObject(
      deps,
      { ...serverTarget(definition, "", name), subresource: "finalize" },
      {
        internal: true,
        transform: (current) => {
          const spec = (current.spec ?? {}) as { readonly finalizers?: readonly string[] };
          const finalizers = (spec.finalizers ?? []).filter((finalizer) => finalizer !== "kubernetes");
          return { ...current, spec: finalizers.length === 0 ? {} : { ...spec, finalizers } };
        },
      },
    );
  } catch (error) {
    if (isNotFound(error) || isConflict(error) || isAbort(error)) return;
    logger.error("namespace not emptied", { controller: "namespaces", key: name, error });
  }
}

/** @returns whether something is left that finalizers hold. */
async function deleteContent(deps: RegistryDeps, namespace: string): Promise<boolean> {
  let left = false;
  for (const definition of storedOnce(deps)) {
    const prefix = `${cacheOf(deps, definition).prefix}${namespace}/`;
    for (const entry of cacheOf(deps, definition).list({ from: prefix, to: `${prefix}\u{10FFFF}` })) {
      const { name = "", deletionTimestamp } = entry.object.metadata;
      if (deletionTimestamp !== undefined) {
        left = true;
        continue;
      }
      const target = serverTarget(definition, namespace, name);
      const deletion = await deleteObject(deps, target, { propagationPolicy: "Background" });
      if (deletion.kind === "going") left = true;
    }
  }
  return left;
}

/** One definition for each namespaced storage. */
function storedOnce(deps: RegistryDeps): readonly ResourceDefinition[] {
  const byStorage = new Map<string, ResourceDefinition>();
  for (const definition of deps.catalogue.all()) {
    if (!definition.namespaced || definition.virtual === true) continue;
    byStorage.set(cacheOf(deps, definition).prefix, definition);
  }
  return [...byStorage.values()];
}
