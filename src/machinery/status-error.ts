/** Why a request failed, as `status.reason` says it. The empty string is a reason too: some answers have none. */
export type StatusReason =
  | ""
  | "AlreadyExists"
  | "BadRequest"
  | "Conflict"
  | "Expired"
  | "Forbidden"
  | "Gone"
  | "InternalError"
  | "Invalid"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "NotFound"
  | "RequestEntityTooLarge"
  | "ServiceUnavailable"
  | "Timeout"
  | "TooManyRequests"
  | "Unauthorized"
  | "UnsupportedMediaType";

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** `kind: Status` as an API server answers it. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: { readonly [key: string]: unknown };
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** An error that speaks the Kubernetes API: code, reason, details. Told apart by class and reason, never by text. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: number;
  readonly reason: StatusReason;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: StatusReason, message: string, details?: StatusDetails) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The body of the answer. Keys are in the order Kubernetes writes them. */
  toStatus(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      ...(this.reason === "" ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

/** What an error speaks of: the resource in the plural for most reasons, the kind for Invalid. */
export interface Subject {
  readonly group: string;
  readonly resource: string;
}

const qualified = (subject: Subject): string =>
  subject.group === "" ? subject.resource : `${subject.resource}.${subject.group}`;

const detailsFor = (subject: Subject, name: string, more: Partial<StatusDetails> = {}): StatusDetails => ({
  ...(name === "" ? {} : { name }),
  ...(subject.group === "" ? {} : { group: subject.group }),
  kind: subject.resource,
  ...more,
});

export function notFound(subject: Subject, name: string): StatusError {
  return new StatusError(404, "NotFound", `${qualified(subject)} "${name}" not found`, detailsFor(subject, name));
}

export function alreadyExists(subject: Subject, name: string, prefix = ""): StatusError {
  return new StatusError(
    409,
    "AlreadyExists",
    `${prefix}${qualified(subject)} "${name}" already exists`,
    detailsFor(subject, name),
  );
}

export function conflict(subject: Subject, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`;
  return new StatusError(409, "Conflict", message, detailsFor(subject, name));
}

export function forbidden(subject: Subject, name: string, why: string): StatusError {
  const what = name === "" ? qualified(subject) : `${qualified(subject)} "${name}"`;
  return new StatusError(403, "Forbidden", `${what} is forbidden: ${why}`, detailsFor(subject, name));
}

/** @param kind the group and kind, as `Deployment` of group `apps`; several causes are joined as Kubernetes joins them. */
export function invalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly StatusCause[],
): StatusError {
  // What two checks found alike is listed twice and told once.
  const texts = [
    ...new Set(
      causes.map((cause) => (cause.field === undefined ? `${cause.message}` : `${cause.field}: ${cause.message}`)),
    ),
  ];
  const why = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  const what = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  return new StatusError(422, "Invalid", `${what} "${name}" is invalid: ${why}`, {
    ...(name === "" ? {} : { name }),
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.kind,
    causes,
  });
}

export const badRequest = (message: string): StatusError => new StatusError(400, "BadRequest", message);
export const unauthorized = (): StatusError => new StatusError(401, "Unauthorized", "Unauthorized");
export const internalError = (message: string): StatusError =>
  new StatusError(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
export const expired = (message: string): StatusError => new StatusError(410, "Expired", message);
export const timeout = (message: string): StatusError => new StatusError(504, "Timeout", message);
export const methodNotAllowed = (message: string): StatusError => new StatusError(405, "MethodNotAllowed", message, {});
export const unsupportedMediaType = (message: string): StatusError =>
  new StatusError(415, "UnsupportedMediaType", message);
export const requestEntityTooLarge = (message: string): StatusError =>
  new StatusError(413, "RequestEntityTooLarge", message);
export const tooManyRequests = (message: string, retryAfterSeconds: number): StatusError =>
  new StatusError(429, "TooManyRequests", message, { retryAfterSeconds });

/** Rebuilds the error from an answer's body; a body that is no Status is quoted (its first 200 characters). */
export function statusErrorFrom(code: number, body: unknown): StatusError {
  const status = body as Partial<Status> | null;
  if (typeof body === "object" && status?.kind === "Status") {
    return new StatusError(
      code,
      (status.reason ?? "") as StatusReason,
      status.message ?? `HTTP ${code}`,
      status.details,
    );
  }
  const text = typeof body === "string" ? body.slice(0, 200).trim() : "";
  return new StatusError(code, reasonFor(code), text === "" ? `the server answered ${code}` : text);
}

function reasonFor(code: number): StatusReason {
  const reasons: Readonly<Record<number, StatusReason>> = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    410: "Gone",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
    504: "Timeout",
  };
  return reasons[code] ?? "InternalError";
}

export const isStatusError = (error: unknown): error is StatusError => error instanceof StatusError;
const hasReason =
  (...reasons: readonly StatusReason[]) =>
  (error: unknown): error is StatusError =>
    error instanceof StatusError && reasons.includes(error.reason);

export const isNotFound = hasReason("NotFound");
export const isAlreadyExists = hasReason("AlreadyExists");
export const isConflict = hasReason("Conflict");
export const isForbidden = hasReason("Forbidden");
export const isInvalid = hasReason("Invalid");
export const isExpired = hasReason("Expired", "Gone");
export const isTooManyRequests = hasReason("TooManyRequests");
