import pino from "pino";
import type { LogFields, Logger } from "#base";

export interface LoggerOptions {
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** Where lines go; default standard error, so that a command's output stays its own. */
  readonly destination?: { write(line: string): void };
}

/** A logger over pino: one JSON line per message, with the fields of LogFields only. */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? pino.destination({ fd: 2, sync: false });
  return wrap(
    pino(
      {
        level: options.level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { error: pino.stdSerializers.errWithCause },
      },
      destination,
    ),
  );
}

/** Says nothing. For tests and for commands that report by themselves. */
export const silentLogger: Logger = {
  with: () => silentLogger,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function wrap(sink: pino.Logger): Logger {
  const write =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, fields?: LogFields): void => {
      if (fields === undefined) sink[level](message);
      else sink[level](fields, message);
    };
  return {
    with: (fields) => wrap(sink.child(fields)),
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}
