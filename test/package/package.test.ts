import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const apk = join(root, "node_modules/gps-demo-app/assets/gpsDemo-debug.apk");
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const run = promisify(execFile);

test("the lockfile names no registry", () => {
  expect(readFileSync(join(root, "package-lock.json"), "utf8")).not.toMatch(
    /"resolved"|https?:\/\/[^"]*\.tgz/,
  );
});

test("the lockfile has what every package asks for, on every platform: else npm ci refuses it", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dependencies?: object; optionalDependencies?: object }>;
  };
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      )
      .map((name) => `${path} needs ${name}`),
  );
  expect(missing).toEqual([]);
});

describe("the package, installed from its tarball", () => {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-package-"));
  const consumer = join(folder, "consumer");
  let files: string[] = [];
  let failure: string | undefined;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    // Without scripts: the build has been made, and other tests are reading it.
    const packed = execFileSync(npm, ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    // An array of packages; newer versions of npm give an object by name.
    const [pack] = Object.values(JSON.parse(packed)) as { filename: string; files: { path: string }[] }[];
    files = pack!.files.map(({ path }) => path);
    mkdirSync(consumer);
    writeFileSync(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }));
    const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"];
    try {
      await run(npm, ["install", ...flags, join(folder, pack!.filename)], { cwd: consumer });
    } catch (error) {
      failure = String((error as { stderr?: string }).stderr ?? error);
    }
  });

  /** Without a registry and without a cache nothing can be installed; in CI that is a failure. */
  function needInstallation(context: TestContext): void {
    if (failure === undefined) return;
    if (process.env.CI || !/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|network/i.test(failure))
      throw new Error(failure);
    context.skip(`NOT TESTED: the registry could not be reached: ${failure.split("\n")[0]}`);
  }

  test("holds what is needed and nothing else", () => {
    expect(files).toEqual(
      expect.arrayContaining([
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "package.json",
        "bin/bycatch.js",
        "dist/index.js",
        "dist/cli.js",
        "dist/rules.jsonl",
        "dist/android-classes.tsv",
        "dist/rule-sources.json",
        "dist/policies.json",
        "dist/policy-validator.js",
        "rules/policies/README.md",
        "dist/types/index.d.ts",
        "rules/README.md",
        "ci/README.md",
        "docs/formats.md",
        "docs/store.md",
      ]),
    );
    const expected =
      /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|bin\/bycatch\.js|src\/README\.md|dist\/(THIRD_PARTY_LICENSES\.txt|(chunks\/)?[\w-]+\.js|rules\.jsonl|android-classes\.tsv|rule-sources\.json|flow-rules\.json|policies\.json|schema\/[\w.-]+\.json|types\/.*\.d\.ts)|rules\/.*\.(ya?ml|md)|action\.yml|docs\/[\w.-]+\.(md|png)|ci\/[\w./-]+)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    expect(files.filter((file) => file.split("/").includes("draft"))).toEqual([]);
  });

  test("has a command that scans", async (context) => {
    needInstallation(context);
    const bin = join(
      consumer,
      "node_modules",
      ".bin",
      process.platform === "win32" ? "bycatch.cmd" : "bycatch",
    );
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect((await run(bin, ["--version"])).stdout.trim()).toBe(version);
    const result = JSON.parse((await run(bin, ["scan", "--format", "json", apk])).stdout);
    expect(result.app.packageName).toBe("de.impressive.artworx.tutorials.gps");
    expect(result.accesses.length).toBeGreaterThan(0);
  });

  test("has a library that audits, from a path and from bytes alike", async (context) => {
    needInstallation(context);
    copyFileSync(apk, join(consumer, "app.apk"));
    writeFileSync(
      join(consumer, "use.js"),
      `import { readFileSync } from "node:fs";
      import { audit, FormatError } from "bycatch";
      const result = await audit("app.apk");
      const same = await audit({ name: "app.apk", bytes: readFileSync("app.apk") });
      const refused = await audit({ name: "no.apk", bytes: new Uint8Array(9) }).catch((error) => error);
      console.log(JSON.stringify({
        packageName: result.app.packageName,
        same: JSON.stringify(result) === JSON.stringify(same),
        refused: refused instanceof FormatError,
      }));`,
    );
    const { stdout } = await run(process.execPath, ["use.js"], { cwd: consumer });
    expect(JSON.parse(stdout)).toEqual({
      packageName: "de.impressive.artworx.tutorials.gps",
      same: true,
      refused: true,
    });
  });

  test("has types that a strict project can use without Node's", async (context) => {
    needInstallation(context);
    writeFileSync(
      join(consumer, "use.ts"),
      `import { audit, type AuditResult, type Finding, FormatError } from "bycatch";
      const result: AuditResult = await audit("app.apk", { firstParty: ["com.acme"] });
      const findings: readonly Finding[] = result.findings;
      // @ts-expect-error: there is no such option
      await audit("app.apk", { firstPaty: [] });
      export const caller: string | undefined = findings[0]?.evidence[0].caller;
      export const isOurs = (error: unknown): boolean => error instanceof FormatError;`,
    );
    const flags = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2023",
      "--types",
      "",
      "use.ts",
    ];
    const compiled = run(join(root, "node_modules/.bin/tsc"), flags, { cwd: consumer });
    await expect(compiled.catch(({ stdout }) => Promise.reject(new Error(stdout)))).resolves.toBeDefined();
  });

  test("opens no way into its inside, and ships its schemas", async (context) => {
    needInstallation(context);
    const exported = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).exports as Record<
      string,
      unknown
    >;
    for (const target of Object.values(exported).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry as Record<string, string>),
    )) {
      expect(["package.json", ...files]).toContain(target.replace("./", ""));
    }
    const deep = run(process.execPath, ["-e", 'import("bycatch/dist/index.js")'], { cwd: consumer });
    await expect(deep).rejects.toThrow("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });
});
