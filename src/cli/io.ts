/** What a command sees of the world it runs in. Tests give their own. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output; the text is written as it is. */
  out(text: string): void;
  /** Standard error. */
  err(text: string): void;
  /** True where somebody sits at a terminal and can be asked. */
  readonly interactive: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
