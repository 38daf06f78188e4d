import { type ApiResource, type ApiTransport, errorOfAnswer } from "#client";
import type { KubeList, KubeObject } from "#machinery";
import { resourcePath } from "./resources.ts";
import { isTable, type Table, tableAccept, tableOf } from "./table.ts";

export interface Query {
  readonly resource: ApiResource;
  /** Undefined: all namespaces, or a cluster-scoped kind. */
  readonly namespace: string | undefined;
  readonly name?: string;
  readonly labelSelector?: string;
  /** Rows carry whole objects, to sort by their fields. */
  readonly wholeObjects?: boolean;
}

const pageSize = "500";

export const pathOf = (query: Query): string =>
  resourcePath(query.resource, query.resource.namespaced ? query.namespace : undefined, query.name);

/** All pages of a list, or one object, as a Table. */
export async function fetchTable(transport: ApiTransport, query: Query, signal: AbortSignal): Promise<Table> {
  const pages: Table[] = [];
  let next: string | undefined;
  do {
    const page = asTable(await fetchPage(transport, query, { accept: tableAccept, continue: next }, signal));
    pages.push(page);
    next = page.metadata?.continue === "" ? undefined : page.metadata?.continue;
  } while (next !== undefined);
  const [first = tableOf([])] = pages;
  return { ...first, metadata: pages.at(-1)?.metadata ?? {}, rows: pages.flatMap((page) => page.rows ?? []) };
}

/** All objects a query selects, with apiVersion and kind filled in. */
export async function fetchObjects(
  transport: ApiTransport,
  query: Query,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const items: KubeObject[] = [];
  let next: string | undefined;
  do {
    const body = await fetchPage(transport, query, { accept: "application/json", continue: next }, signal);
    if (query.name !== undefined) return [body as KubeObject];
    const list = body as KubeList;
    const apiVersion = list.apiVersion;
    items.push(...(list.items ?? []).map((item) => ({ ...item, apiVersion, kind: query.resource.kind })));
    next = list.metadata.continue === "" ? undefined : list.metadata.continue;
  } while (next !== undefined);
  return items;
}

async function fetchPage(
  transport: ApiTransport,
  query: Query,
  page: { readonly accept: string; readonly continue: string | undefined },
  signal: AbortSignal,
): Promise<unknown> {
  const listing = query.name === undefined;
  const answer = await transport.request(
    {
      method: "GET",
      path: pathOf(query),
      accept: page.accept,
      query: {
        limit: listing ? pageSize : undefined,
        continue: page.continue,
        labelSelector: listing ? query.labelSelector : undefined,
        includeObject: query.wholeObjects === true ? "Object" : undefined,
      },
    },
    signal,
  );
  if (answer.status >= 400) throw errorOfAnswer(answer.status, answer.headers, answer.body);
  return answer.body;
}

export function asTable(body: unknown): Table {
  if (isTable(body)) return body;
  const list = body as Partial<KubeList>;
  if (Array.isArray(list.items)) return tableOf(list.items, list.metadata?.resourceVersion);
  return tableOf([body as KubeObject]);
}
