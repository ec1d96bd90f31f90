// Builds what the package ships, into dist/: the bundles, the compiled rules, the JSON Schemas, the types.
// Everything is made beside it and then put in its place, so that a scan never meets half a build.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
process.chdir(root);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const made = mkdtempSync(".dist-");
try {
  await bundle({ cli: "src/cli/main.ts", index: "src/index.ts" }, made);
  await makeRulesAndSchemas();
  execFileSync(
    process.execPath,
    ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json", "--outDir", join(made, "types")],
    { stdio: "inherit" },
  ); // prettier-ignore
  const old = `${made}-old`;
  try {
    renameSync("dist", old);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  renameSync(made, "dist");
  rmSync(old, { recursive: true, force: true });
} finally {
  rmSync(made, { recursive: true, force: true });
}

/** The compiled rules and the schemas come from the same source as the checks: it is bundled and run. */
async function makeRulesAndSchemas() {
  const tools = join(made, "tools");
  await bundle({ rules: "src/ruleset/compile-rules.ts", report: "src/report/audit-result-schema.ts" }, tools);
  const { compileRules, jsonSchemas } = await import(pathToFileURL(join(tools, "rules.js")).href);
  const { reportJsonSchema } = await import(pathToFileURL(join(tools, "report.js")).href);
  writeFileSync(join(made, "rules.json"), JSON.stringify(compileRules("rules")));
  mkdirSync(join(made, "schema"));
  for (const [name, schema] of Object.entries({ ...jsonSchemas(), report: reportJsonSchema() })) {
    writeFileSync(join(made, "schema", `${name}.schema.json`), `${JSON.stringify(schema, undefined, 2)}\n`);
  }
  rmSync(tools, { recursive: true });
}

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
    minifyWhitespace: true,
    minifySyntax: true,
    define: { BYCATCH_VERSION: JSON.stringify(version) },
    // Packages written as CommonJS ask for Node's modules by require.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    chunkNames: "chunks/[name]-[hash]",
    legalComments: "none",
    logLevel: "warning",
  });
}
