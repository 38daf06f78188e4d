/** OpenAPI v2 and v3 documents made from the catalogue's schemas when they are first asked for, and kept until it changes. */
import { createHash } from "node:crypto";
import { encodeJson, groupVersionText, StatusError } from "#machinery";
import type { ResourceCatalogue, ResourceDefinition } from "../kinds/definition.ts";
import { pathsOf } from "./paths.ts";
import { swaggerContentType, swaggerProtobuf, swaggerProtobufType } from "./protobuf.ts";
import { dialect2, dialect3, SchemaSet } from "./schemas.ts";

export interface OpenApi {
  /**
   * The answer to a GET of `/openapi/v2`, `/openapi/v3` and below; undefined for any other path.
   *
   * @throws StatusError 406 where protobuf alone is accepted.
   */
  answer(
    path: string,
    query: URLSearchParams,
    headers: Readonly<Record<string, string | undefined>>,
  ): OpenApiAnswer | undefined;
}

interface OpenApiAnswer {
  readonly status: 200 | 301 | 304 | 404;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where the answer has no body, or has one in bytes. */
  readonly object?: Readonly<Record<string, unknown>>;
  readonly bytes?: Uint8Array;
}

type Document = Readonly<Record<string, unknown>>;

export function createOpenApi(catalogue: ResourceCatalogue, options: { readonly version: string }): OpenApi {
  const made = new Map<string, Document>();
  catalogue.onChange(() => made.clear());
  const kept = (key: string, make: () => Document): Document => {
    const document = made.get(key) ?? make();
    made.set(key, document);
    return document;
  };
  return {
    answer(path, query, headers) {
      if (!/^\/openapi\/v[23](\/|$)/.test(path)) return undefined;
      const info = { title: "Kubernetes", version: options.version };
      const swagger = (): Document => kept("v2", () => second(catalogue, info));
      if (path === "/openapi/v2" && headers.accept?.includes(swaggerProtobufType) === true) {
        return { status: 200, headers: protobufHeaders, bytes: swaggerProtobuf(swagger()) };
      }
      if (isProtobufOnly(headers.accept)) throw notAcceptable();
      if (path === "/openapi/v2") return documentAnswer(swagger(), headers);
      if (path === "/openapi/v3") return { status: 200, headers: vary, object: kept("v3", () => index(catalogue)) };
      const name = path.replace(/^\/openapi\/v3\//, "").replace(/\/$/, "");
      const definitions = catalogue.all().filter((definition) => documentName(definition) === name);
      if (path.startsWith("/openapi/v2") || definitions.length === 0) return { status: 404, headers: {} };
      const request = { path, asked: query.get("hash"), known: headers["if-none-match"] };
      return hashedAnswer(request, hashOf(name, definitions), () => kept(name, () => third(definitions, info)));
    },
  };
}

/** A group version's document: under its hash it may be kept for ever, under another one it has moved. */
function hashedAnswer(
  request: { readonly path: string; readonly asked: string | null; readonly known: string | undefined },
  hash: string,
  document: () => Document,
): OpenApiAnswer {
  const { path, asked, known } = request;
  if (asked !== null && asked !== hash) return { status: 301, headers: { location: `${path}?hash=${hash}` } };
  const caching = asked === null ? "no-cache, private" : "public, immutable";
  const headers = { ...vary, etag: `"${hash}"`, "cache-control": caching };
  return known === `"${hash}"` ? { status: 304, headers } : { status: 200, headers, object: document() };
}

const vary = { vary: "Accept" };
const protobufHeaders = { ...vary, "content-type": swaggerContentType };

const isProtobufOnly = (accept: string | undefined): boolean =>
  accept?.includes("protobuf") === true && !/application\/json|\*\/\*/.test(accept);

const notAcceptable = (): StatusError =>
  new StatusError(406, "NotAcceptable", "only the following media types are accepted: application/json", {});

const documentName = (definition: ResourceDefinition): string =>
  definition.group === "" ? `api/${definition.version}` : `apis/${groupVersionText(definition)}`;

/** Of what the document is made from, not of the document: asking for the index must not build them all. */
function hashOf(name: string, definitions: readonly ResourceDefinition[]): string {
  const facts = definitions.map((one) => [
    one.resource,
    one.kind,
    one.namespaced,
    one.verbs,
    one.subresources,
    one.openApiSchema,
  ]);
  return createHash("sha512")
    .update(`2 ${name} ${encodeJson(facts)}`)
    .digest("hex")
    .toUpperCase();
}

function index(catalogue: ResourceCatalogue): Document {
  const byName = Map.groupBy(catalogue.all(), documentName);
  const paths = [...byName].map(([name, definitions]) => [
    name,
    { serverRelativeURL: `/openapi/v3/${name}?hash=${hashOf(name, definitions)}` },
  ]);
  return { paths: Object.fromEntries(paths) };
}

function third(definitions: readonly ResourceDefinition[], info: Document): Document {
  const set = new SchemaSet(dialect3);
  const paths = definitions.map((definition) => pathsOf(definition, set.reference(set.addKind(definition))));
  return {
    openapi: "3.0.0",
    info,
    paths: Object.assign({}, ...paths) as Document,
    components: { schemas: set.schemas },
  };
}

function second(catalogue: ResourceCatalogue, info: Document): Document {
  const set = new SchemaSet(dialect2);
  for (const definition of catalogue.all()) set.addKind(definition);
  return { swagger: "2.0", info, paths: {}, definitions: set.schemas };
}

function documentAnswer(object: Document, headers: Readonly<Record<string, string | undefined>>): OpenApiAnswer {
  const etag = `"${createHash("sha512").update(encodeJson(object)).digest("hex").toUpperCase()}"`;
  const found = { ...vary, etag };
  return headers["if-none-match"] === etag ? { status: 304, headers: found } : { status: 200, headers: found, object };
}
