import { beforeAll, describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { parseMapping, prepareRules } from "../../src/audit.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";
import { buildSdkApp, compileJar, compileSdks, readJars } from "../real-sdks/build-sdk-apps.js";
import { readManifestText, readVerdicts } from "../real-sdks/verdict.js";
import { hasProguard, renameJars } from "../support/proguard.js";
import { type MeasuredRenamed, measureRenamed } from "./measure-renamed.js";
import { renderRenamed } from "./print-table.js";

const rules = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));
const verdicts = readVerdicts();
const compiled = await compileSdks(verdicts);
const missing = "missing" in compiled ? compiled.missing : hasProguard() ? undefined : "there is no proguard";

/** What is known to go wrong, app by app. */
const known: Readonly<
  Record<string, { readonly wrong: readonly string[]; readonly missed: readonly string[] }>
> = {
  older: {
    // Of JCore, but in this app only JPush uses them.
    wrong: [
      "Lcn/jiguang/api/JRequest; of jiguang-jcore: given to jpush",
      "Lcn/jiguang/api/MultiSpHelper; of jiguang-jcore: given to jpush",
    ],
    missed: [],
  },
  newer: {
    wrong: [],
    missed: [],
  },
};

if (missing !== undefined) {
  if (process.env.CI) throw new Error(`renamed builds cannot be measured: ${missing}`);
  console.warn(`\nNOT MEASURED: renamed builds: ${missing}`);
  test.skip(`renamed builds: ${missing}`, () => {});
} else {
  describe.each(["older", "newer"])(
    "the SDKs of the %s app, renamed but for the manifest's components",
    (app) => {
      let measured: MeasuredRenamed;
      beforeAll(async () => {
        const jars = (
          await Promise.all(verdicts.filter((verdict) => verdict.app === app).map(readJars))
        ).flat();
        const { jar, mapping } = await renameJars(jars, componentsOf(app));
        const renamed = buildSdkApp(app, [(await compileJar(jar)).dex]);
        measured = await measureRenamed(
          renamed,
          rules,
          await parseMapping(bytesSource("mapping.txt", mapping)),
        );
      }, 120_000);

      test("every SDK is still recognised, and none besides", () => {
        const { wrong } = measured.parties;
        expect({ wrong, missed: measured.missedParties }).toEqual({ wrong: 0, missed: known[app]!.missed });
      });

      test("no class is given to a wrong party", () => {
        expect(measured.wrong).toEqual(known[app]!.wrong);
      });

      test.runIf(process.env.PRINT_ACCURACY)("prints", () => {
        process.stdout.write(`\n${renderRenamed(`Renamed, the SDKs of the ${app} app`, measured)}\n`);
      });
    },
  );
}

/** Class names of the components of a manifest of fixtures/real-sdks. */
function componentsOf(app: string): string[] {
  const text = readManifestText(app);
  return [...text.matchAll(/<(?:activity|service|receiver|provider)\b[^>]*?android:name="([\w.$]+)"/g)].map(
    ([, name]) => name!,
  );
}
