import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The package's own version: of the nearest package.json that says it is Drover's and has one. */
export function ownVersion(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const found = versionIn(join(folder, "package.json"));
    if (found !== undefined) return found;
  }
  return "unknown";
}

function versionIn(file: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly name?: string;
      readonly version?: string;
    };
    return name === "drover" ? version : undefined;
  } catch {
    return undefined;
  }
}
