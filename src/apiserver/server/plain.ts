import type { StatusError } from "#machinery";
import type { ServerRequest, ServerResponse } from "../contract.ts";

const encoder = new TextEncoder();

export function plainText(status: number, text: string): ServerResponse {
  return {
    kind: "bytes",
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
    chunks: [encoder.encode(text)],
  };
}

/** A failure, in YAML where that was asked for. */
export function statusAnswer(error: StatusError, request: ServerRequest): ServerResponse {
  const retry = error.details?.retryAfterSeconds;
  const yaml = request.headers.accept?.startsWith("application/yaml") === true;
  return {
    kind: "object",
    status: error.code,
    headers: {
      "content-type": yaml ? "application/yaml" : "application/json",
      ...(retry === undefined ? {} : { "retry-after": String(retry) }),
    },
    object: error.toStatus(),
  };
}

/** `/version`: what clients take the API's features from is major and minor; gitVersion names us too. */
export function versionInfo(gitVersion: string): Readonly<Record<string, string>> {
  const [, major = "1", minor = "36"] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    gitVersion,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "",
    compiler: `node ${process.version}`,
    platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}
