import type { ApiServer, ServerRequest, ServerResponse, User } from "#apiserver";
import type { ApiRequest, ApiResponse, ApiTransport } from "#client";
import { encodeJson, parseJson, statusErrorFrom } from "#machinery";

/** Who the hub's own controllers are. */
const hubUser: User = { name: "system:drover", groups: ["system:masters", "system:authenticated"] };

/**
 * Reaches the API server in the same process: objects go in and come out as they are. What comes out is the server's own
 * and must not be changed.
 */
export function inProcessTransport(server: ApiServer, user: User = hubUser): ApiTransport {
  return {
    async request(request, signal) {
      const response = await server.handle(serverRequest(request, user, signal ?? never()));
      signal?.throwIfAborted();
      return answerOf(response);
    },
    async *stream(request, signal) {
      const response = await server.handle(serverRequest(request, user, signal));
      if (response.kind !== "watch") {
        const answer = await answerOf(response);
        throw statusErrorFrom(answer.status, answer.body);
      }
      for await (const event of response.events) {
        if (signal.aborted) return;
        yield event;
      }
    },
    close: async () => undefined,
  };
}

const never = (): AbortSignal => new AbortController().signal;

function serverRequest(request: ApiRequest, user: User, signal: AbortSignal): ServerRequest {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined) query.set(name, value);
  return {
    method: request.method,
    path: request.path,
    query,
    headers: {
      accept: request.accept ?? "application/json",
      ...(request.body === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
    },
    user,
    ...(request.body === undefined ? {} : { body: bodyOf(request) }),
    signal,
  };
}

/** Text is for callers that hold YAML or JSON already. */
function bodyOf(request: ApiRequest): NonNullable<ServerRequest["body"]> {
  if (typeof request.body === "string") return { kind: "bytes", bytes: Buffer.from(request.body) };
  return { kind: "object", value: request.body };
}

async function answerOf(response: ServerResponse): Promise<ApiResponse> {
  switch (response.kind) {
    case "object":
      return { status: response.status, headers: response.headers ?? {}, body: response.object };
    case "bytes": {
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.chunks) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString("utf8");
      const json = response.headers["content-type"]?.includes("json") === true;
      return { status: response.status, headers: response.headers, body: json ? parseJson(text) : text };
    }
    case "watch":
      return { status: 400, headers: {}, body: encodeJson({ message: "a watch is a stream" }) };
    default:
      return response satisfies never;
  }
}
