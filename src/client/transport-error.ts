/** Why no answer came, in a word that messages and conditions may use. */
export type TransportFailure = "refused" | "timeout" | "reset" | "tls" | "dns" | "unreachable" | "closed" | "malformed";

/** No answer from the API server: the request may or may not have been carried out. The cause is attached. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly kind: TransportFailure;

  constructor(kind: TransportFailure, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.kind = kind;
  }
}

export const isTransportError = (error: unknown): error is TransportError => error instanceof TransportError;
