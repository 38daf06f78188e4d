import { badRequest, encodeJson, type KubeObject, StatusError } from "#machinery";
import { type CacheEntry, plainEvent } from "../cache/index.ts";
import type { ServerResponse, ServerWatchEvent } from "../contract.ts";
import type { ResourceDefinition } from "../kinds/definition.ts";
import type { ListResult } from "../registry/list.ts";
import { apiVersionOf } from "../registry/target.ts";
import type { Representation } from "./accept.ts";

/** What an answer is made with. */
export interface Rendering {
  readonly definition: ResourceDefinition;
  readonly representation: Representation;
  /** `includeObject` of the query: what rows of a Table carry. */
  readonly includeObject: string;
  readonly nowMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

const encoder = new TextEncoder();
const metaV1 = "meta.k8s.io/v1";
type Fields = Readonly<Record<string, unknown>>;

const mediaHeader = ({ media }: Representation): Readonly<Record<string, string>> => ({
  "content-type": media === "yaml" ? "application/yaml" : "application/json",
});

/** One object. */
export function objectAnswer(rendering: Rendering, object: KubeObject, status = 200): ServerResponse {
  const { form } = rendering.representation;
  const headers = { ...rendering.headers, ...mediaHeader(rendering.representation) };
  if (form === "partialList") {
    const what = "you requested PartialObjectMetadataList, but the requested object is not a list";
    throw new StatusError(406, "NotAcceptable", `${what} (*${goName(rendering.definition)})`);
  }
  const shown = form === "table" ? tableOf(rendering, [object]) : form === "partial" ? partialOf(object) : object;
  return { kind: "object", status, headers, object: shown };
}

const goName = (definition: ResourceDefinition): string =>
  definition.origin === "builtin" ? `core.${definition.kind}` : "unstructured.Unstructured";

/** A list: in process the cache's own objects, as text concatenated from what each is encoded to already. */
export function listAnswer(rendering: Rendering, result: ListResult): ServerResponse {
  const { definition, representation } = rendering;
  const headers = { ...rendering.headers, ...mediaHeader(representation) };
  const objects = result.entries.map((entry) => entry.view(definition).object);
  if (representation.form === "partial") {
    const what = `you requested PartialObjectMetadata, but the requested object is a list`;
    const name = definition.origin === "builtin" ? `*core.${definition.listKind}` : "*unstructured.UnstructuredList";
    throw new StatusError(406, "NotAcceptable", `${what} (${name})`);
  }
  const custom = definition.origin === "custom";
  const metadata = custom ? { continue: "", ...result.metadata } : result.metadata;
  if (representation.form === "table") {
    return {
      kind: "object",
      status: 200,
      headers,
      object: { ...tableOf(rendering, objects), metadata: result.metadata },
    };
  }
  if (representation.form === "partialList") {
    const items = objects.map(partialOf);
    const { metadata: plain } = result;
    const object = { kind: "PartialObjectMetadataList", apiVersion: metaV1, metadata: plain, items };
    return { kind: "object", status: 200, headers, object };
  }
  const head = { kind: definition.listKind, apiVersion: apiVersionOf(definition), metadata };
  const object = { ...head, items: objects };
  if (representation.media === "yaml") return { kind: "object", status: 200, headers, object };
  return { kind: "object", status: 200, headers, object, text: () => listText(definition, head, result.entries) };
}

const sliceBytes = 256 * 1024;

/** JSON of a list in slices, each item as it is encoded already; items of built-in kinds lose kind and apiVersion. */
function* listText(
  definition: ResourceDefinition,
  head: Fields,
  entries: readonly CacheEntry[],
): Generator<Uint8Array> {
  const skipped = definition.origin === "custom" ? 0 : prefixLength(definition);
  let slice: Uint8Array[] = [encoder.encode(`${encodeJson(head).slice(0, -1)},"items":[`)];
  let size = 0;
  const brace = encoder.encode("{");
  const comma = encoder.encode(",");
  for (const [index, entry] of entries.entries()) {
    const text = entry.view(definition).text();
    if (index > 0) slice.push(comma);
    if (skipped > 0) slice.push(brace, text.subarray(skipped));
    else slice.push(text);
    size += text.length;
    if (size < sliceBytes) continue;
    yield Buffer.concat(slice);
    slice = [];
    size = 0;
  }
  slice.push(encoder.encode("]}\n"));
  yield Buffer.concat(slice);
}

/** `{"kind":"K","apiVersion":"v",` */
function prefixLength(definition: ResourceDefinition): number {
  const head = encodeJson({ kind: definition.kind, apiVersion: apiVersionOf(definition) });
  return encoder.encode(head).length;
}

const partialOf = (object: KubeObject): Fields => ({
  kind: "PartialObjectMetadata",
  apiVersion: metaV1,
  metadata: object.metadata,
});

/** A Table with one row for each object. */
function tableOf(rendering: Rendering, objects: readonly KubeObject[]): Fields {
  const { definition, includeObject, nowMs } = rendering;
  const include = includeObject === "" ? "Metadata" : includeObject;
  if (!["None", "Metadata", "Object"].includes(include)) {
    const why = `includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`;
    throw badRequest(`Unable to convert to Table as requested: ${why}`);
  }
  const rows = objects.map((object) => ({
    cells: definition.cells(object, nowMs),
    object: include === "None" ? null : include === "Object" ? object : partialOf(object),
  }));
  const [only] = objects;
  const metadata = objects.length === 1 ? { resourceVersion: only?.metadata.resourceVersion } : {};
  return { kind: "Table", apiVersion: metaV1, metadata, columnDefinitions: definition.columns, rows };
}

/** The events of a watch in the form asked for; the columns of a Table come with its first event only. */
export async function* watchEvents(
  rendering: Rendering,
  events: AsyncIterable<ServerWatchEvent>,
): AsyncGenerator<ServerWatchEvent> {
  const { form } = rendering.representation;
  let first = true;
  for await (const event of events) {
    if (form === "plain" || event.type === "ERROR") {
      yield event;
      continue;
    }
    const object = event.object as KubeObject;
    if (form !== "table") {
      yield plainEvent(event.type, partialOf(object));
      continue;
    }
    const table = event.type === "BOOKMARK" ? bookmarkTable(object) : tableOf(rendering, [object]);
    yield plainEvent(event.type, first ? table : { ...table, columnDefinitions: null });
    first = false;
  }
}

const bookmarkTable = (object: KubeObject): Fields => ({
  kind: "Table",
  apiVersion: metaV1,
  metadata: { resourceVersion: object.metadata.resourceVersion },
  columnDefinitions: null,
  rows: [{ cells: [], object: partialOf(object) }],
});
