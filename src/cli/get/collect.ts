import { type ApiResource, isTransportError } from "#client";
import { isNotFound, isStatusError, type KubeObject } from "#machinery";
import { CliError, failureText } from "../failure.ts";
import { fetchObjects, fetchTable, type Query } from "./fetch.ts";
import type { GetFlags } from "./options.ts";
import type { Wanted } from "./resources.ts";
import type { Source } from "./sources.ts";
import type { Table } from "./table.ts";

export interface Ask {
  readonly wanted: readonly Wanted[];
  readonly flags: GetFlags;
  readonly sources: readonly Source[];
  /** Undefined: all. */
  readonly namespace: string | undefined;
}

/** What one server answered for one kind, and one name where names were given. */
export interface Collected<T> {
  readonly source: Source;
  readonly resource: ApiResource;
  readonly result: T;
}

export interface Collection<T> {
  readonly found: readonly Collected<T>[];
  readonly errors: readonly CliError[];
}

export const collectTables = (ask: Ask, signal: AbortSignal): Promise<Collection<Table>> =>
  collect(ask, (source, query) => fetchTable(source.transport, query, signal));

export const collectObjects = (ask: Ask, signal: AbortSignal): Promise<Collection<readonly KubeObject[]>> =>
  collect(ask, (source, query) => fetchObjects(source.transport, query, signal));

/** Asks all sources at once. Answers and errors are in the order of sources, kinds and names, whoever is faster. */
async function collect<T>(ask: Ask, fetch: (source: Source, query: Query) => Promise<T>): Promise<Collection<T>> {
  const perSource = await Promise.all(ask.sources.map((source) => collectSource(source, ask, fetch)));
  return {
    found: perSource.flatMap((collection) => collection.found),
    errors: perSource.flatMap((collection) => collection.errors),
  };
}

async function collectSource<T>(
  source: Source,
  ask: Ask,
  fetch: (source: Source, query: Query) => Promise<T>,
): Promise<Collection<T>> {
  const errors: CliError[] = [];
  const attempt = async <R>(action: () => Promise<R>): Promise<R | undefined> => {
    try {
      return await action();
    } catch (error) {
      if (!(isNotFound(error) && ask.flags.ignoreNotFound === true)) errors.push(sourceError(source, error));
      return undefined;
    }
  };
  const queries = await Promise.all(ask.wanted.map((wanted) => attempt(() => queriesFor(source, wanted, ask))));
  const found = await Promise.all(
    queries
      .flatMap((list) => list ?? [])
      .map(async (query) => ({ query, result: await attempt(() => fetch(source, query)) })),
  );
  return {
    found: found.flatMap(({ query, result }) =>
      result === undefined ? [] : [{ source, resource: query.resource, result }],
    ),
    errors: distinct(errors),
  };
}

async function queriesFor(source: Source, wanted: Wanted, ask: Ask): Promise<readonly Query[]> {
  const resources = await source.resources(wanted.type);
  return resources.flatMap((resource) => queriesOf(resource, wanted, ask));
}

/** @throws CliError for names together with all namespaces or a selector. */
export function queriesOf(resource: ApiResource, wanted: Wanted, ask: Ask): readonly Query[] {
  const { flags } = ask;
  const common = {
    resource,
    namespace: ask.namespace,
    labelSelector: flags.labels,
    wholeObjects: flags.sortBy !== undefined,
  };
  if (wanted.names.length === 0) return [common];
  if (flags.labels !== undefined) throw new CliError("name cannot be provided when a selector is specified");
  if (flags.allNamespaces === true && resource.namespaced)
    throw new CliError("a resource cannot be retrieved by name across all namespaces", { hint: "give one with -n" });
  return wanted.names.map((name) => ({ ...common, name }));
}

/** In karmadactl's words: which cluster, and whether it was reached at all. */
export function sourceError(source: Source, error: unknown): CliError {
  if (!source.member) return error instanceof CliError ? error : new CliError(failureText(error), { cause: error });
  const hint = "see why with: drover describe cluster";
  if (unreachable(error)) {
    const text = `basic connection test to cluster(${source.name}) failed, please check authorization or network`;
    return new CliError(`${text}: ${failureText(error)}`, { hint: `${hint} ${source.name}`, cause: error });
  }
  return new CliError(`cluster(${source.name}): ${failureText(error)}`, { cause: error });
}

const unreachable = (error: unknown): boolean =>
  isTransportError(error) || (isStatusError(error) && [401, 502, 503, 504].includes(error.code));

function distinct(errors: readonly CliError[]): readonly CliError[] {
  return errors.filter((error, index) => errors.findIndex((other) => other.message === error.message) === index);
}
