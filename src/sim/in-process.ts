import type { ApiServer, ServerRequest, ServerResponse, User } from "#apiserver";
import type { ApiRequest, ApiResponse, ApiTransport } from "#client";
import { parseJson, statusErrorFrom } from "#machinery";

/** Who the simulated controllers are. */
const simulator: User = { name: "system:simulator", groups: ["system:masters", "system:authenticated"] };

/** Reaches the simulator's API server without a network: not counted, and touched by no fault. */
export function simulatorTransport(server: ApiServer): ApiTransport {
  return {
    request: async (request, signal) =>
      answerOf(await server.handle(serverRequest(request, signal ?? new AbortController().signal))),
    async *stream(request, signal) {
      const response = await server.handle(serverRequest(request, signal));
      if (response.kind === "watch") {
        yield* response.events;
      } else {
        const { status, body } = await answerOf(response);
        throw statusErrorFrom(status, body);
      }
    },
    close: async () => undefined,
  };
}

function serverRequest(request: ApiRequest, signal: AbortSignal): ServerRequest {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined) query.set(name, value);
  const { method, path, body, accept = "application/json", contentType = "application/json" } = request;
  const headers = { accept, ...(body === undefined ? {} : { "content-type": contentType }) };
  const given = body === undefined ? {} : { body: { kind: "object", value: body } as const };
  return { method, path, query, headers, user: simulator, ...given, signal };
}

async function answerOf(response: ServerResponse): Promise<ApiResponse> {
  if (response.kind === "watch") return { status: 400, headers: {}, body: "a watch is a stream" };
  if (response.kind === "object") {
    return { status: response.status, headers: response.headers ?? {}, body: response.object };
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.chunks) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const isJson = response.headers["content-type"]?.includes("json") === true;
  return { status: response.status, headers: response.headers, body: isJson ? parseJson(text) : text };
}
