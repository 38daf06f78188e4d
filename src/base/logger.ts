/** The only fields a log line may carry (`style.md`, Logs). Never a whole object, a Secret or a token. */
export interface LogFields {
  readonly cluster?: string;
  readonly controller?: string;
  readonly gvk?: string;
  readonly key?: string;
  readonly uid?: string;
  readonly revision?: number;
  readonly attempt?: number;
  readonly ms?: number;
  readonly reason?: string;
  /** Only with `error`: logged by message and stack. */
  readonly error?: unknown;
}

/** Lower-case constant messages; everything that varies is a field. */
export interface Logger {
  with(fields: LogFields): Logger;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
