/**
 * Compiles the package to dist/: JavaScript without the tests, with a package.json of its own whose doors end in .js, so
 * that `#machinery` means dist/src/machinery/index.js there. Run by `npm pack`.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");
const config = join(root, ".tsconfig.build.json");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly imports: Readonly<Record<string, string>>;
}

function compile(): void {
  writeFileSync(
    config,
    JSON.stringify({
      extends: "./tsconfig.json",
      compilerOptions: {
        noEmit: false,
        outDir: "dist",
        rootDir: ".",
        rewriteRelativeImportExtensions: true,
        allowImportingTsExtensions: true,
        removeComments: true,
        declaration: false,
        sourceMap: false,
      },
      include: ["bin", "src"],
      exclude: ["**/*.test.ts", "test"],
    }),
  );
  try {
    const run = spawnSync(join(root, "node_modules", ".bin", "tsc"), ["-p", config], { cwd: root, stdio: "inherit" });
    if (run.status !== 0) throw new Error("build: tsc failed");
  } finally {
    rmSync(config);
  }
}

/** Data files that code reads at run time keep their places. */
function copyData(): void {
  for (const file of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
    if (!/\.(json|lua|ya?ml)$/.test(file)) continue;
    const target = join(dist, "src", file);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(root, "src", file), target);
  }
}

function writeManifest(): void {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  const imports = Object.fromEntries(
    Object.entries(manifest.imports).map(([door, file]) => [door, file.replace(/\.ts$/, ".js")]),
  );
  const { name, version } = manifest;
  writeFileSync(
    join(dist, "package.json"),
    `${JSON.stringify({ name, version, private: true, type: "module", imports }, null, 2)}\n`,
  );
}

rmSync(dist, { recursive: true, force: true });
compile();
copyData();
writeManifest();
chmodSync(join(dist, "bin", "drover.js"), 0o755);
