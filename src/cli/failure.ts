import { errorText, isAbort, TerminalError } from "#base";
import { isStatusError, type StatusError } from "#machinery";

/** A failure with everything a person needs: one line and the next step. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(
    message: string,
    options: { readonly hint?: string; readonly exitCode?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Several failures of one command, of several clusters say: a line each. */
export class CliErrors extends Error {
  override readonly name = "CliErrors";
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super(errors.map((error) => errorText(error)).join("; "));
    this.errors = errors;
  }
}

/** The lines for standard error, without the newline; none for an abort. */
export function failureLines(error: unknown): readonly string[] {
  if (error instanceof CliErrors) return error.errors.flatMap(failureLines);
  if (isAbort(error)) return [];
  return [`drover: ${oneLine(failureText(error))}`];
}

/** What went wrong, and after a semicolon what to do. */
export function failureText(error: unknown): string {
  if (error instanceof CliError) return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
  if (error instanceof TerminalError) return `${error.message}; ${error.hint}`;
  if (isStatusError(error)) return statusText(error);
  return errorText(error);
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  return isAbort(error) ? 130 : 1;
}

function statusText(error: StatusError): string {
  if (error.code === 401)
    return "the hub does not know these credentials (Unauthorized); use the kubeconfig that drover up printed";
  const reason = error.reason === "" ? `HTTP ${error.code}` : error.reason;
  return `error from server (${reason}): ${error.message}`;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ").trim();
