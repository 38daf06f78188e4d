import { StatusError, statusErrorFrom } from "#machinery";

/** The error of an answer; `Retry-After` counts where the Status itself does not say how long to wait. */
export function errorOfAnswer(status: number, headers: Readonly<Record<string, string>>, body: unknown): StatusError {
  const error = statusErrorFrom(status, body);
  const seconds = Number(headers["retry-after"]);
  if (error.details?.retryAfterSeconds !== undefined || !(seconds >= 0)) return error;
  return new StatusError(error.code, error.reason, error.message, { ...error.details, retryAfterSeconds: seconds });
}

/** How long the server asked to wait, in milliseconds; undefined where it did not ask. */
export function retryAfterMs(error: unknown): number | undefined {
  const seconds = error instanceof StatusError ? error.details?.retryAfterSeconds : undefined;
  return seconds === undefined ? undefined : seconds * 1000;
}
