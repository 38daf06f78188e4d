import { resource } from "#api";
import type { Adoption } from "#api/migration";
import type { KubeClient } from "#client";
import type { FreshView } from "#informer";
import { isAlreadyExists, isNotFound, type Key, keyOf, type ObjectKey, objectKeyOf } from "#machinery";

export type AdoptionStatus = NonNullable<Adoption["status"]>;

/** The rows of the Adoption ledger, read from a cache that own writes are laid over. */
export interface Ledger {
  get(key: Key): Adoption | undefined;
  /** Writes the row before the first write to the object. Where a row is there already, that one counts and comes back. */
  open(row: Adoption, signal?: AbortSignal): Promise<Adoption>;
  /** Changes the status; fields set to null are removed. A row that is gone stays gone. */
  record(row: Adoption, status: StatusChange, signal?: AbortSignal): Promise<Adoption | undefined>;
  remove(row: Adoption, signal?: AbortSignal): Promise<void>;
}

export type StatusChange = { readonly [K in keyof AdoptionStatus]?: AdoptionStatus[K] | null };

export function createLedger(hub: KubeClient, view: FreshView<Adoption>): Ledger {
  const type = resource.adoptions;
  const read = async (key: ObjectKey, signal?: AbortSignal): Promise<Adoption> => {
    const row = await hub.get<Adoption>(type, key, signal);
    view.wrote(row);
    return row;
  };
  return {
    get: (key) => view.get(key),
    async open(row, signal) {
      try {
        const written = await hub.create(type, row, undefined, signal);
        view.wrote(written);
        return written;
      } catch (error) {
        if (isAlreadyExists(error)) return read(objectKeyOf(row), signal);
        throw error;
      }
    },
    async record(row, status, signal) {
      // A JSON patch, because a merge patch would mix the old lastApplied with the new one.
      const value = withoutEmpty({ ...row.status, ...status });
      const patch = { type: "json", body: [{ op: "add", path: "/status", value }] } as const;
      try {
        const target = { type, key: objectKeyOf(row) };
        const written = await hub.patch<Adoption>(target, patch, { subresource: "status" }, signal);
        view.wrote(written);
        return written;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async remove(row, signal) {
      try {
        await hub.delete({ type, key: objectKeyOf(row) }, { preconditions: { uid: row.metadata.uid } }, signal);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      view.forget(keyOf(row));
    },
  };
}

const withoutEmpty = (status: object): object =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== null && value !== undefined));
