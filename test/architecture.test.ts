import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../src/", import.meta.url));

/** What each stage may import, through its index.js; `src/README.md` tells why. A stage not named here fails. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  diagnostics: [],
  bytes: ["diagnostics"],
  archive: ["diagnostics", "bytes"],
  manifest: ["diagnostics", "bytes"],
  dex: ["diagnostics", "bytes"],
  app: ["diagnostics", "bytes", "archive", "manifest", "dex"],
  program: ["diagnostics", "bytes", "dex", "app"],
  facts: ["diagnostics", "bytes", "manifest", "dex", "app", "program"],
  ruleset: ["diagnostics"],
  evidence: [],
  sdk: ["diagnostics", "manifest", "app", "program", "ruleset", "evidence"],
  access: ["diagnostics", "manifest", "app", "program", "ruleset", "evidence", "sdk"],
  flow: ["diagnostics", "manifest", "dex", "app", "program", "ruleset", "sdk", "access"],
  findings: ["diagnostics", "manifest", "app", "program", "ruleset", "evidence", "sdk", "access", "flow"],
  explain: ["diagnostics", "ruleset", "evidence", "sdk", "access", "findings"],
  policy: ["diagnostics", "ruleset", "evidence", "sdk", "findings"],
  store: ["diagnostics", "evidence", "access", "findings"],
  batch: [
    "audit.ts",
    "audit-with-facts.ts",
    "rule-change.ts",
    "diagnostics",
    "archive",
    "ruleset",
    "facts",
    "findings",
    "store",
  ],
  report: ["diagnostics", "evidence", "findings", "explain", "policy", "store"],
  "audit.ts": [
    "diagnostics",
    "archive",
    "manifest",
    "dex",
    "app",
    "program",
    "ruleset",
    "evidence",
    "sdk",
    "access",
    "flow",
    "findings",
    "facts",
  ],
  "audit-with-facts.ts": [
    "audit.ts",
    "diagnostics",
    "archive",
    "dex",
    "app",
    "program",
    "facts",
    "ruleset",
    "sdk",
    "findings",
  ],
  "rule-change.ts": ["audit.ts", "diagnostics", "program", "facts", "ruleset", "sdk"],
  "index.ts": [
    "audit.ts",
    "diagnostics",
    "archive",
    "program",
    "ruleset",
    "evidence",
    "sdk",
    "access",
    "findings",
    "policy",
  ],
  cli: [
    "audit.ts",
    "diagnostics",
    "archive",
    "app",
    "manifest",
    "program",
    "ruleset",
    "sdk",
    "findings",
    "explain",
    "policy",
    "report",
    "store",
    "batch",
  ],
};

/** Stages of which only the types may be seen. */
const typesOnly: readonly (readonly [from: string, to: string])[] = [
  ["facts", "manifest"],
  ["facts", "app"],
  ["audit.ts", "facts"],
  ["sdk", "app"],
  ["findings", "manifest"],
  ["findings", "app"],
  ["policy", "sdk"],
  ["report", "explain"],
  ["report", "policy"],
  ["report", "store"],
  ["store", "access"],
  ["batch", "facts"],
  ["batch", "findings"],
];

/** Inner files that others import when they are used: they, or the libraries that they need, are heavy. */
const importedWhenUsed = [
  "ruleset/load-ruleset.ts",
  "ruleset/compile-ruleset.ts",
  "ruleset/lint-rules.ts",
  "ruleset/render-draft.ts",
  "ruleset/yaml-file.ts",
  "policy/load-policy.ts",
  "policy/parse-policy.ts",
  "policy/policy-schema.ts",
  "policy/data-safety-form.ts",
  "policy/render-data-safety-draft.ts",
  "report/audit-result-schema.ts",
  "report/result-formats.ts",
  "report/render-cyclonedx.ts",
  "report/render-rows.ts",
  "report/verdict-formats.ts",
  "report/verdict-schema.ts",
  "report/difference-formats.ts",
  "report/fleet-formats.ts",
];

/** Inner files that the command line's first steps need, without the renderers behind report's index. */
const importedAtStart = ["report/printable-text.ts", "report/display-width.ts"];

/** Who may touch the file system. */
const mayUseFiles = [
  "archive/byte-source.ts",
  "archive/hash-file.ts",
  "ruleset/load-ruleset.ts",
  "ruleset/load-compiled-ruleset.ts",
  "policy/load-policy.ts",
  "policy/read-user-file.ts",
  "batch/input-file.ts",
  "batch/facts-folder.ts",
  "batch/find-apps.ts",
  "batch/watch-apps.ts",
  "store/evaluations.ts",
  "store/input-index.ts",
  "store/journal.ts",
  "store/journal-lines.ts",
  "store/line-file.ts",
  "store/part-files.ts",
  "batch/enqueue-apps.ts",
  "batch/fetch-app.ts",
  "store/sync-folder.ts",
  "store/waiting-apps.ts",
  "cli/",
];

/** Who may open connections: what fetches apps. Libraries do it for the queue and for buckets. */
const mayUseNetwork = ["batch/fetch-http.ts"];

/** Who may touch the process: the command line; the program of a process that audits, and what starts it. */
const mayUseProcess = ["cli/", "batch/audit-process.ts", "batch/memory-guard.ts", "batch/pool-worker.ts"];

interface Import {
  readonly file: string;
  /** A path below src, or a package's name. */
  readonly target: string;
  readonly isType: boolean;
  readonly isDynamic: boolean;
}

interface Source {
  /** Path below src, with `/`. */
  readonly file: string;
  readonly text: string;
  /** Without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const sources: readonly Source[] = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .sort()
  .map((name) => readSource(name.replaceAll(sep, "/")));

const imports = sources.flatMap((source) => source.imports);

test("every source file is read, and its imports are found", () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(imports.filter(({ file }) => file === "audit.ts").map(({ target }) => target)).toContain(
    "app/index.ts",
  );
  expect(imports.some(({ isDynamic }) => isDynamic)).toBe(true);
});

test("imports point up the line of stages", () => {
  const offenders = imports
    .filter(({ target }) => target.endsWith(".ts"))
    .filter(({ file, target }) => {
      const [from, to] = [stageOf(file), stageOf(target)];
      return from !== to && !(mayImport[from] ?? []).includes(to);
    });
  expect(offenders.map(describeImport)).toEqual([]);
});

test("every stage has its place in the line", () => {
  expect(
    [...new Set(sources.map(({ file }) => stageOf(file)))].filter((stage) => !(stage in mayImport)),
  ).toEqual([]);
});

test("a stage that serves for its types brings no code", () => {
  const offenders = imports.filter(
    ({ file, target, isType }) =>
      !isType && typesOnly.some(([from, to]) => from === stageOf(file) && to === stageOf(target)),
  );
  expect(offenders.map(describeImport)).toEqual([]);
});

test("another stage is seen through its index only", () => {
  const offenders = imports.filter(
    ({ file, target, isDynamic, isType }) =>
      target.endsWith(".ts") &&
      target.includes("/") &&
      stageOf(file) !== stageOf(target) &&
      !target.endsWith("/index.ts") &&
      !((isDynamic || isType || importedWhenUsed.includes(file)) && importedWhenUsed.includes(target)) &&
      !(file.startsWith("cli/") && importedAtStart.includes(target)),
  );
  expect(offenders.map(describeImport)).toEqual([]);
});

test("inside a stage, nothing goes through its own index", () => {
  const offenders = imports.filter(
    ({ file, target }) => target === `${stageOf(file)}/index.ts` && !file.endsWith("/index.ts"),
  );
  expect(offenders.map(describeImport)).toEqual([]);
});

test("only the command line touches the process", () => {
  const offenders = sources.filter(
    ({ file, code }) =>
      !mayUseProcess.some((place) => file.startsWith(place)) &&
      /\bprocess\s*[.[]|\bconsole\.|["']node:process["']/.test(code),
  );
  expect(offenders.map(({ file }) => file)).toEqual([]);
});

test("only sources and loaders touch the file system, and what fetches apps alone the network", () => {
  const files = imports.filter(({ target }) => /^(node:)?fs(\/promises)?$/.test(target));
  expect(
    files.filter(({ file }) => !mayUseFiles.some((place) => file.startsWith(place))).map(describeImport),
  ).toEqual([]);
  const network = imports.filter(({ target }) =>
    /^(node:)?(http|https|http2|net|tls|dgram|dns)(\/|$)|^undici$/.test(target),
  );
  expect(network.filter(({ file }) => !mayUseNetwork.includes(file)).map(describeImport)).toEqual([]);
  const calls = sources.filter(({ code }) => /\bfetch\(|\bnew WebSocket\b/.test(code));
  expect(calls.map(({ file }) => file)).toEqual([]);
});

test("an audit depends on no clock and no chance", () => {
  const offenders = sources.filter(
    ({ file, code }) =>
      !file.startsWith("cli/") &&
      /\bDate\b|\bperformance\.|\bMath\.random\b|\brandom(UUID|Bytes)\b/.test(code),
  );
  expect(offenders.map(({ file }) => file)).toEqual([]);
});

/** At the top of a module: a variable that changes, or a collection that begins empty and so must grow. */
const STATE =
  /^(?:export )?(?:(?:let|var) \w+|const \w+(?::[^=]+)? = (?:new (?:Weak)?(?:Map|Set)(?:<.*>)?\(\)|\[\]|\{\});)/gm;

test("no module keeps state", () => {
  const offenders = sources
    .filter(({ file }) => !file.startsWith("cli/"))
    .flatMap(({ file, code }) => [...code.matchAll(STATE)].map(([line]) => `${file}: ${line}`));
  expect(offenders).toEqual([]);
});

test("no default exports", () => {
  expect(sources.filter(({ code }) => /^export default\b/m.test(code)).map(({ file }) => file)).toEqual([]);
});

describe("each stage", () => {
  const stages = Object.keys(mayImport).filter((stage) => !stage.endsWith(".ts"));

  test.each(stages)("%s begins with a paragraph that says what it is", (stage) => {
    const entry = sources.find(({ file }) => file === `${stage}/${stage === "cli" ? "main" : "index"}.ts`);
    expect(entry?.text).toMatch(/^\/\*\*\n \* \S[\s\S]{80,}?\*\//);
  });
});

test("no file is named for being useful", () => {
  const offenders = sources.filter(({ file }) =>
    /(^|\/)(utils?|helpers?|common|misc|shared)(\.ts$|\/)/.test(file),
  );
  expect(offenders.map(({ file }) => file)).toEqual([]);
});

test("files are named in kebab-case and stay readable", () => {
  expect(
    sources.filter(({ file }) => !/^[a-z0-9-]+(\/[a-z0-9-]+)*\.ts$/.test(file)).map(({ file }) => file),
  ).toEqual([]);
  const long = sources.filter(({ text }) => text.split("\n").length > 500);
  expect(long.map(({ file }) => file)).toEqual([]);
});

function stageOf(file: string): string {
  return file.split("/")[0]!;
}

function describeImport({ file, target }: Import): string {
  return `${file} imports ${target}`;
}

function readSource(file: string): Source {
  const text = readFileSync(join(root, file), "utf8");
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
  return { file, text, code, imports: findImports(file, code) };
}

function findImports(file: string, code: string): Import[] {
  const found: Import[] = [];
  // `import … from "x"`, `export … from "x"`, `import "x"`.
  for (const [, , clause = "", specifier] of code.matchAll(
    /^(import|export)\b([^"';(]*?)(?:\bfrom\s*)?"([^"]+)"/gm,
  )) {
    const names = clause
      .replace(/[{}]/g, "")
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean);
    const isType =
      /^\s*type\b/.test(clause) || (names.length > 0 && names.every((name) => name.startsWith("type ")));
    found.push({ file, target: resolveTarget(file, specifier!), isType, isDynamic: false });
  }
  for (const [, specifier] of code.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g)) {
    found.push({ file, target: resolveTarget(file, specifier!), isType: false, isDynamic: true });
  }
  return found;
}

function resolveTarget(file: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return normalize(join(dirname(file), specifier))
    .replaceAll(sep, "/")
    .replace(/\.js$/, ".ts");
}
