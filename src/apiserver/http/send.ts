import { once } from "node:events";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { dump } from "js-yaml";
import { encodeJson } from "#machinery";
import type { ServerResponse } from "../contract.ts";
import type { Request, Response } from "./wire.ts";

const compress = promisify(gzip);
/** Kubernetes compresses nothing smaller. */
const compressFrom = 128 * 1024;
const encoder = new TextEncoder();

/** Writes an answer, waiting whenever the client reads slower than we write. */
export async function send(
  answer: ServerResponse,
  request: Request,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  switch (answer.kind) {
    case "watch":
      return sendWatch(answer.events, response, signal);
    case "bytes":
      writeHead(response, answer.status, answer.headers);
      for await (const chunk of answer.chunks) await write(response, chunk);
      response.end();
      return;
    case "object":
      return sendObject(answer, request, response);
    default:
      return answer satisfies never;
  }
}

function writeHead(response: Response, status: number, headers: Readonly<Record<string, string>>): void {
  response.statusCode = status;
  response.setHeader("cache-control", "no-cache, private");
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

async function sendObject(
  answer: ServerResponse & { readonly kind: "object" },
  request: Request,
  response: Response,
): Promise<void> {
  const headers = { "content-type": "application/json", ...answer.headers };
  writeHead(response, answer.status, headers);
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const chunks = textOf(answer, headers["content-type"]);
  if (/\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""))) {
    const whole = Buffer.concat([...chunks]);
    if (whole.length >= compressFrom) {
      response.setHeader("content-encoding", "gzip");
      response.end(await compress(whole, { level: 1 }));
    } else response.end(whole);
    return;
  }
  for (const chunk of chunks) {
    await write(response, chunk);
    // A list may be long: other requests get their turn between its slices.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  response.end();
}

function textOf(answer: ServerResponse & { readonly kind: "object" }, type: string): Iterable<Uint8Array> {
  if (type.startsWith("application/yaml"))
    return [encoder.encode(dump(answer.object, { noRefs: true, lineWidth: -1, sortKeys: true }))];
  return answer.text?.() ?? [encoder.encode(`${encodeJson(answer.object)}\n`)];
}

/** Whatever is there is written together, so that a burst of events costs one write. */
async function sendWatch(
  events: (ServerResponse & { readonly kind: "watch" })["events"],
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  writeHead(response, 200, { "content-type": "application/json" });
  if ("flushHeaders" in response) response.flushHeaders();
  for await (const event of events) {
    if (signal.aborted) break;
    await write(response, event.line());
  }
  response.end();
}

async function write(response: Response, chunk: Uint8Array): Promise<void> {
  if (response.destroyed) throw new Error("the client has gone");
  // The two kinds of response have the same method under types that do not unite.
  const more = (response as { write(chunk: Uint8Array): boolean }).write(chunk);
  if (!more) await Promise.race([once(response, "drain"), once(response, "close")]);
}
