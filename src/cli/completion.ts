import type { Command } from "commander";
import { CliError } from "./failure.ts";

interface Verb {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly {
    readonly long: string;
    readonly short: string | undefined;
    readonly description: string;
  }[];
}

/** @throws CliError for a shell we have no script for. */
export function completionScript(program: Command, shell: string): string {
  const verbs = verbsOf(program);
  if (shell === "bash") return bash(verbs);
  if (shell === "zsh") return `#compdef drover\nautoload -U +X bashcompinit && bashcompinit\n${bash(verbs)}`;
  if (shell === "fish") return fish(verbs);
  throw new CliError(`no completion for shell ${JSON.stringify(shell)}`, { hint: "use bash, zsh or fish" });
}

function verbsOf(program: Command): readonly Verb[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: command.description().split("\n")[0] ?? "",
    flags: help
      .visibleOptions(command)
      .flatMap((option) =>
        option.long === undefined || option.long === null
          ? []
          : [{ long: option.long, short: option.short ?? undefined, description: option.description }],
      ),
  }));
}

function bash(verbs: readonly Verb[]): string {
  const cases = verbs.map((verb) => `    ${verb.name}) words="${verb.flags.map((flag) => flag.long).join(" ")}" ;;`);
  return `_drover() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${verbs.map((verb) => verb.name).join(" ")}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _drover drover
`;
}

function fish(verbs: readonly Verb[]): string {
  const quote = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;
  const names = verbs.map((verb) => verb.name).join(" ");
  const lines = verbs.flatMap((verb) => [
    `complete -c drover -n "not __fish_seen_subcommand_from ${names}" -f -a ${verb.name} -d ${quote(verb.description)}`,
    ...verb.flags.map((flag) => {
      const short = flag.short === undefined ? "" : ` -s ${flag.short.slice(1)}`;
      const long = flag.long.slice(2);
      return `complete -c drover -n "__fish_seen_subcommand_from ${verb.name}"${short} -l ${long} -d ${quote(flag.description)}`;
    }),
  ]);
  return `${lines.join("\n")}\n`;
}
