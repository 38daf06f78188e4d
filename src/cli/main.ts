import { CommanderError } from "commander";
import { exitCodeOf, failureLines } from "./failure.ts";
import type { CliIo } from "./io.ts";
import { createProgram } from "./program.ts";

/** Runs one command line. Errors are one line each on standard error; the exit status is returned, never set. */
export async function main(args: readonly string[], io: CliIo): Promise<number> {
  let status = 0;
  const program = createProgram(io, (code) => {
    status = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    for (const line of failureLines(error)) io.err(`${line}\n`);
    return exitCodeOf(error);
  }
}
