// Builds what the package ships, into dist/: the bundles, the compiled rules, the JSON Schemas, the types.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
process.chdir(root);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

rmSync("dist", { recursive: true, force: true });
await bundle({ cli: "src/cli/main.ts", index: "src/index.ts" }, "dist");
await bundle({ "compile-rules": "src/ruleset/compile-rules.ts" }, "dist/build");

const { compileRules, jsonSchemas } = await import(pathToFileURL("dist/build/compile-rules.js").href);
writeFileSync("dist/rules.json", JSON.stringify(compileRules("rules")));
mkdirSync("dist/schema");
for (const [name, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(`dist/schema/${name}.schema.json`, `${JSON.stringify(schema, undefined, 2)}\n`);
}
rmSync("dist/build", { recursive: true });
execFileSync("node_modules/.bin/tsc", ["-p", "tsconfig.types.json"], { stdio: "inherit" });

/** Entry points with shared code in chunks, so that what is imported when used is loaded when used. */
async function bundle(entryPoints, outdir) {
  await build({
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    define: { BYCATCH_VERSION: JSON.stringify(version) },
    // Packages written as CommonJS ask for Node's modules by require.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    chunkNames: "chunks/[name]-[hash]",
    legalComments: "none",
    logLevel: "warning",
  });
}
