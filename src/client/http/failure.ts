import { TransportError, type TransportFailure } from "../transport-error.ts";

const words: Readonly<Record<TransportFailure, string>> = {
  refused: "connection refused",
  timeout: "no answer in time",
  reset: "connection lost",
  tls: "TLS failed",
  dns: "host name not found",
  unreachable: "no route to the host",
  closed: "the connection was closed by us",
  malformed: "the answer is not valid",
};

const kinds: Readonly<Record<string, TransportFailure>> = {
  ECONNREFUSED: "refused",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ECONNABORTED: "reset",
  UND_ERR_SOCKET: "reset",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  UND_ERR_CLOSED: "closed",
  UND_ERR_DESTROYED: "closed",
  EPROTO: "tls",
};

const certificateProblem =
  /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_CRYPTO)/;

/** The TransportError for what the HTTP library threw. A cause several layers down counts too. */
export function transportErrorFor(server: string, error: unknown): TransportError {
  const code = codeOf(error);
  const kind = kinds[code] ?? failureByName(code);
  const detail = kind === "tls" && error instanceof Error ? ` (${innermost(error).message.trim()})` : "";
  return new TransportError(kind, `${server}: ${words[kind]}${detail}`, { cause: error });
}

function failureByName(code: string): TransportFailure {
  if (certificateProblem.test(code)) return "tls";
  return code.startsWith("HPE_") ? "malformed" : "reset";
}

function codeOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { readonly code?: unknown };
    if (typeof code === "string") return code;
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0]);
  }
  return "";
}

function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}
