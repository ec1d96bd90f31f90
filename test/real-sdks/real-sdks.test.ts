import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { prepareRules } from "../../src/audit.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import type { Evidence } from "../../src/evidence/index.js";
import type { AuditResult } from "../../src/findings/index.js";
import { loadRuleset } from "../../src/ruleset/load-ruleset.js";
import { auditBytes } from "../support/fixture-apps.js";
import { buildSdkApp, compileSdks } from "./build-sdk-apps.js";
import { findArgumentCandidates, findPlainUses } from "./expected-uses.js";
import type { ManifestChanges } from "./manifest-xml.js";
import { type DumpedMethod, hasDexdump, readDexdump } from "./read-dexdump.js";
import { summarizeLimit, summarizeParty, summarizeVerdict } from "./summarize-party.js";
import { type PartyVerdict, readLimitCases, readVerdicts, type SdkVerdict } from "./verdict.js";

const verdicts = readVerdicts();
const apps = [...new Set(verdicts.map(({ app }) => app))];
const compiled = await compileSdks(verdicts);
const ruleset = loadRuleset([fileURLToPath(new URL("../../rules", import.meta.url))]);
const rules = prepareRules(ruleset);

if ("missing" in compiled) {
  if (process.env.CI) throw new Error(`the SDKs' own binaries cannot be tested: ${compiled.missing}`);
  console.warn(`\nNOT TESTED: the SDKs' own binaries: ${compiled.missing}`);
  test.skip(`the SDKs' own binaries: ${compiled.missing}`, () => {});
} else {
  const { dexed } = compiled;

  /** Audits the SDKs of an app, or one of them, and keeps all evidence. */
  const audit = (
    app: string,
    changes: ManifestChanges = {},
    sdks = verdicts.filter((verdict) => verdict.app === app),
  ) => {
    const dexFiles = sdks.map(({ id }) => dexed.get(id)!.dex);
    const limits = { ...defaultLimits, evidencePerItem: 10_000 };
    return auditBytes(`${app}.apk`, buildSdkApp(app, dexFiles, changes), rules, { limits });
  };

  describe.each(apps)("an app with the SDKs of the %s app", (app) => {
    const sdks = verdicts.filter((verdict) => verdict.app === app);
    let result: AuditResult;
    beforeAll(async () => {
      result = await audit(app);
    });

    test("everything was read, and nothing is nobody's", () => {
      expect(result.diagnostics).toEqual([]);
      expect(result.coverage).toMatchObject({ attributedShare: 1, unread: [] });
    });

    test("there are these parties and no others", () => {
      const expected = sdks.flatMap(({ parties }) => Object.keys(parties));
      expect(result.parties.map(({ id }) => id).sort()).toEqual(["first-party", ...expected].sort());
    });

    for (const { id, party, verdict } of partiesOf(sdks)) {
      test(`${party} of ${id} is as judged by hand`, () => {
        expect(summarizeParty(result, party)).toEqual(summarizeVerdict(verdict));
      });

      for (const missed of verdict.missed ?? []) {
        test(`${party} of ${id}: ${missed.yields} in ${missed.in} is still missed`, () => {
          const found = result.accesses.filter(
            (access) => access.party === party && access.yields === missed.yields,
          );
          expect(found.flatMap(({ evidence }) => evidence.map(({ caller }) => caller))).not.toContain(
            missed.in,
          );
        });
      }
    }
  });

  describe.each(verdicts.map((verdict) => [verdict.id, verdict] as const))("%s", (id, verdict) => {
    test("its classes are compiled, but those with an invokedynamic", () => {
      const { classes, leftOut } = dexed.get(id)!;
      expect({ classes, leftOut: leftOut.length }).toEqual({
        classes: verdict.classes,
        leftOut: verdict["left-out"] ?? 0,
      });
    });

    test("alone in an app, it accesses the same", async () => {
      const result = await audit(verdict.app, {}, [verdict]);
      for (const [party, expected] of Object.entries(verdict.parties)) {
        if (expected.classes > 0) expect(summarizeParty(result, party)).toEqual(summarizeVerdict(expected));
      }
    });
  });

  describe("dexdump, which knows nothing of our reading, agrees", () => {
    const installed = hasDexdump();
    if (!installed && process.env.CI) throw new Error("dexdump is not installed (Debian package dexdump)");

    describe.each(verdicts.map((verdict) => [verdict.id, verdict] as const))("on %s", (id, sdk) => {
      let dumped: DumpedMethod[];
      let result: AuditResult;
      beforeAll(async () => {
        if (!installed) return;
        dumped = readDexdump(dexed.get(id)!.dex);
        result = await audit(sdk.app, {}, [sdk]);
      });

      const withCode = Object.entries(sdk.parties).filter(([, { classes }]) => classes > 0);
      test.skipIf(!installed).each(withCode)("%s", (party, { code }) => {
        const methods = dumped.filter(({ ref }) => code.some((prefix) => ref.startsWith(prefix)));
        const { plain, withArgument } = listUses(result, party);
        expect(plain).toEqual(findPlainUses(methods, ruleset, code));
        expect(withArgument).toEqual(findArgumentCandidates(methods, ruleset));
      });
    });
  });

  describe("what limits an access", () => {
    test.each(readLimitCases().map((item) => [item.name, item] as const))(
      "%s",
      async (_, { app, changes, expect: expected }) => {
        const result = await audit(app, changes);
        const found = expected.map(({ party, api }) => {
          const access = result.accesses.find((item) => item.party === party && item.api === api);
          return { party, api, "data-type": access?.dataType, limits: access?.limits.map(summarizeLimit) };
        });
        expect(found).toEqual(expected);
      },
    );
  });
}

function partiesOf(sdks: readonly SdkVerdict[]): { id: string; party: string; verdict: PartyVerdict }[] {
  return sdks.flatMap(({ id, parties }) =>
    Object.entries(parties).map(([party, verdict]) => ({ id, party, verdict })),
  );
}

/** A party's uses as test/real-sdks/expected-uses.ts lists them: those that count with a constant apart. */
function listUses(
  result: AuditResult,
  party: string,
): { plain: Record<string, string[]>; withArgument: string[] } {
  const plain: Record<string, string[]> = {};
  const withArgument = new Set<string>();
  for (const { yields, api, evidence } of result.accesses.filter((access) => access.party === party)) {
    for (const item of evidence) {
      const key = `${yields} ${api}`;
      if (countsWithConstant(item, api)) withArgument.add(`${key} ${item.caller}`);
      else if (["method-call", "field-read", "content-uri"].includes(item.kind)) {
        plain[key] = [...(plain[key] ?? []), `${item.caller} ${item.codeUnit}`].sort();
      }
    }
  }
  return { plain, withArgument: [...withArgument].sort() };
}

function countsWithConstant({ kind, value }: Evidence, api: string): boolean {
  return kind === "method-call" && value !== api;
}
