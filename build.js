// Builds what the package ships, into dist/: the bundles, the compiled rules, the JSON Schemas, the types.
// Everything is made beside it and then put in its place, so that a scan never meets half a build.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Ajv2020 as Ajv } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import { digestAuditCode, digestFactsCode } from "./digest-code.js";

const root = fileURLToPath(new URL(".", import.meta.url));
process.chdir(root);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const [factsDigest, auditDigest] = await Promise.all([digestFactsCode(root), digestAuditCode(root)]);
const made = mkdtempSync(".dist-");
chmodSync(made, 0o755);
try {
  const bundled = await bundle(
    {
      cli: "src/cli/main.ts",
      "audit-process": "src/batch/audit-process.ts",
      "make-parts": "src/batch/make-parts.ts",
      "carry-rows": "src/batch/carry-rows.ts",
      index: "src/index.ts",
    },
    made,
  );
  writeFileSync(join(made, "THIRD_PARTY_LICENSES.txt"), collectLicenses(bundled));
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
  await bundle(
    {
      rules: "src/ruleset/compile-rules.ts",
      report: "src/report/audit-result-schema.ts",
      difference: "src/report/difference-schema.ts",
      fleet: "src/report/fleet-schema.ts",
      dataSafety: "src/report/data-safety-schema.ts",
      verdict: "src/report/verdict-schema.ts",
      policySchema: "src/policy/policy-schema.ts",
      policies: "src/policy/parse-policy.ts",
    },
    tools,
  );
  const { compileRules, jsonSchemas } = await import(pathToFileURL(join(tools, "rules.js")).href);
  const { reportJsonSchema } = await import(pathToFileURL(join(tools, "report.js")).href);
  const { dataSafetyJsonSchema } = await import(pathToFileURL(join(tools, "dataSafety.js")).href);
  const { verdictJsonSchema } = await import(pathToFileURL(join(tools, "verdict.js")).href);
  const { differenceJsonSchema } = await import(pathToFileURL(join(tools, "difference.js")).href);
  const { fleetJsonSchema } = await import(pathToFileURL(join(tools, "fleet.js")).href);
  const { policyJsonSchema } = await import(pathToFileURL(join(tools, "policySchema.js")).href);
  const { rules, sources, flows } = compileRules("rules");
  writeFileSync(join(made, "rules.jsonl"), rules);
  copyFileSync("rules/android-classes.tsv", join(made, "android-classes.tsv"));
  writeFileSync(join(made, "rule-sources.json"), JSON.stringify(sources));
  writeFileSync(join(made, "flow-rules.json"), flows);
  mkdirSync(join(made, "schema"));
  const policy = policyJsonSchema();
  writeFileSync(join(made, "policy-validator.js"), compileValidator(policy));
  writeFileSync(join(made, "policies.json"), JSON.stringify(await compilePolicies(tools)));
  const schemas = {
    ...jsonSchemas(),
    report: reportJsonSchema(),
    diff: differenceJsonSchema(),
    fleet: fleetJsonSchema(),
    "data-safety": dataSafetyJsonSchema(),
    verdict: verdictJsonSchema(),
    policy,
  };
  for (const [name, schema] of Object.entries(schemas)) {
    writeFileSync(join(made, "schema", `${name}.schema.json`), `${JSON.stringify(schema, undefined, 2)}\n`);
  }
  rmSync(tools, { recursive: true });
}

/** The policies that ship, parsed: a check that builds on one need not read YAML again. */
async function compilePolicies(tools) {
  const { parsePolicy } = await import(pathToFileURL(join(tools, "policies.js")).href);
  const policies = {};
  for (const file of readdirSync("rules/policies").filter((name) => name.endsWith(".yaml"))) {
    const path = `rules/policies/${file}`;
    // Never taken to be sound: the build checks by the schema itself, which tells what is wrong.
    const policy = await parsePolicy(readFileSync(path, "utf8"), path, () => false);
    policies[file.replace(/\.yaml$/, "")] = policy.value;
  }
  return policies;
}

/** A schema as a function: a check that meets no mistake need not load what explains them. */
function compileValidator(schema) {
  const ajv = new Ajv({
    code: { source: true, esm: true },
    validateFormats: false,
    inlineRefs: false,
    unicode: false,
    logger: false,
    schemas: { policy: schema },
  });
  return standalone.default(ajv, { isSoundPolicy: "policy" });
}

/** Entry points with shared code in chunks, so that what is imported when used is loaded when used. */
async function bundle(entryPoints, outdir) {
  const { metafile } = await build({
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    minifyWhitespace: true,
    minifySyntax: true,
    // yaml's ES modules: the third of it that is not used is left out, and it loads a quarter quicker.
    alias: { yaml: join(root, "node_modules/yaml/browser/dist/index.js") },
    define: {
      BYCATCH_VERSION: JSON.stringify(version),
      BYCATCH_FACTS_DIGEST: JSON.stringify(factsDigest),
      BYCATCH_AUDIT_DIGEST: JSON.stringify(auditDigest),
    },
    // Packages written as CommonJS ask for Node's modules by require.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    // XML: CycloneDX's library asks for it when it is to write some, which it is not. The others are optional.
    external: ["xmlbuilder2", "@duckdb/node-api", "bullmq", "ioredis", "@aws-sdk/client-s3"],
    chunkNames: "chunks/[name]-[hash]",
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
  });
  return Object.keys(metafile.inputs);
}

/** The licences of the packages whose code is in the bundles, by the paths of what went into them. */
function collectLicenses(inputs) {
  const packages = new Set(
    inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  return [...packages]
    .sort()
    .map((name) => {
      const folder = join("node_modules", name);
      const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice)/i.test(file));
      const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
      const text = texts.length === 0 ? `Licence: ${about.license}` : texts.join("\n\n");
      return `${name} ${about.version}\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(78)}\n\n`);
}
