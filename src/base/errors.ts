/** Retrying cannot help. `reason` goes into a condition, `hint` tells a person what to do next. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
  readonly reason: string;
  readonly hint: string;

  constructor(reason: string, message: string, options: { readonly hint: string; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.hint = options.hint;
  }
}

/** Our own bug: the caller must stop what it was doing with this key and be loud about it. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** True for the error of an aborted signal, which is not a failure and is not logged. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || (error as { code?: unknown }).code === "ABORT_ERR");
}

/** Closes a switch over a union: the compiler proves it unreachable. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected variant ${JSON.stringify(value)}`);
}

/** One line that names an error and its causes, for conditions, events and logs. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `: ${errorText(error.cause)}`;
  return `${error.message}${cause}`;
}
