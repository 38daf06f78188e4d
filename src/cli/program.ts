import { Command } from "commander";
import type { CliIo } from "./io.ts";
import { addDemo, addDescribe, addGet, addJoin, addPromote, addSettings, addSim, addUnjoin, addUp } from "./verbs.ts";
import { ownVersion } from "./version.ts";

/** The exit status of a command that ends well, where it is not 0: plan-like commands answer 2 or 3. */
export type SetStatus = (code: number) => void;

/** The commands and their flags. What they do is imported when they are run, so that `--help` stays instant. */
export function createProgram(io: CliIo, setStatus: SetStatus): Command {
  const program = new Command("drover")
    .description(
      "Take a running Kubernetes cluster over into a managed fleet without restarting a container,\nand give it back as it was.",
    )
    .version(ownVersion(), "-V, --version")
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text), outputError: usageError })
    .showSuggestionAfterError(true)
    .helpCommand("help [command]", "show help for a command");
  program.commandsGroup("Hub:");
  addUp(program, io);
  program.commandsGroup("Clusters:");
  addJoin(program, io);
  addUnjoin(program, io);
  program.commandsGroup("Resources:");
  addGet(program, io);
  addDescribe(program, io);
  addPromote(program, io);
  program.commandsGroup("Try:");
  addDemo(program, io, setStatus);
  addSim(program, io);
  program.commandsGroup("Other:");
  addSettings(program, io);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

/** commander's own message as one line with the next step. */
function usageError(text: string, write: (text: string) => void): void {
  const line = text
    .trim()
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ");
  write(`drover: ${line}; see: drover --help\n`);
}
