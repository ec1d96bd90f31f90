import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../src/policy/index.js";
import { verdictRenderers } from "../../src/report/verdict-formats.js";
import { hostileText, poison } from "../support/hostile-text.js";
import { buildVerdict, check, problem } from "../support/verdict-builder.js";
import { failed, passed, undecided } from "./example-verdicts.js";
import { expectGolden } from "./expect-golden.js";

interface Case {
  name: string;
  classname: string;
  failure?: { message: string; "#text": string };
  error?: { message: string };
  skipped?: { message: string };
  "system-out"?: string;
}
interface Suite {
  name: string;
  tests: string;
  failures: string;
  errors: string;
  skipped: string;
  testcase: Case[];
}

function read(verdict: Verdict): Suite {
  const xml = verdictRenderers.junit(verdict);
  expect(XMLValidator.validate(xml)).toBe(true);
  // What XML 1.0 cannot hold, which the validator does not look at.
  expect(xml).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    isArray: (name) => name === "testcase",
  });
  const { testsuites } = parser.parse(xml);
  expect(Object.keys(testsuites)).toContain("testsuite");
  return testsuites.testsuite as Suite;
}

const counts = ({ tests, failures, errors, skipped }: Suite) => [tests, failures, errors, skipped];

describe("JUnit XML", () => {
  test("a build that failed", () => {
    expectGolden("verdict.golden.xml", verdictRenderers.junit(failed()));
  });

  test("a check is a test case; one that failed has one failure with all its errors", () => {
    const suite = read(failed());
    expect(suite.name).toBe("com.example.speedtest 5.4.1 (app-release.apk)");
    expect(counts(suite)).toEqual(["7", "4", "1", "0"]);
    expect(suite.testcase.map(({ name }) => name)[0]).toBe("no-data-broker: No data broker rides along");
    const lockfile = suite.testcase.at(-1)!;
    expect(lockfile.failure!.message).toBe("2 problems");
    expect(lockfile.failure!["#text"].match(/^error: /gm)).toHaveLength(2);
    expect(lockfile["system-out"]).toContain("note: mast no longer names old.mast.example\n  - host mast");
  });

  test("what was agreed to fails nothing and is not silent", () => {
    const verdict = buildVerdict([
      check("x", [], { excepted: [problem("x/y", "seen", { exception: { because: "why", owner: "who" } })] }),
    ]);
    expect(counts(read(verdict))).toEqual(["1", "0", "0", "0"]);
    expect(read(verdict).testcase[0]!["system-out"]).toContain("error: seen\n  agreed to by who: why");
  });

  test("what could not be decided is an error, unless that may pass", () => {
    expect(counts(read(undecided()))).toEqual(["3", "0", "1", "0"]);
    expect(counts(read(undecided(true)))).toEqual(["3", "0", "0", "1"]);
    expect(counts(read(passed()))).toEqual(["2", "0", "0", "0"]);
  });

  test("a build that was not read whole is not green where every check was decided", () => {
    const diagnostics = [
      { effect: "unread", code: "truncated", part: "classes2.dex", message: "m" },
    ] as const;
    const suite = read(buildVerdict([check("x")], { diagnostics }));
    expect(counts(suite)).toEqual(["2", "0", "1", "0"]);
    expect(suite.testcase[1]!.error!.message).toContain("classes2.dex");
  });

  test("no text breaks out, and all that is no control character comes back", () => {
    const suite = read(poison(failed()));
    expect(suite.testcase).toHaveLength(7);
    const message = suite.testcase[0]!.failure!.message;
    expect(message).toContain(
      '=cmd|"/c calc"!A1\\|x``` </details><img src=x onerror=alert(1)> <!-- @octocat',
    );
    expect(message).toContain("]]> \\x1b[2J\\x00\\x07\\u{202e}\\u{200b}\ufffd\\u{d800} {0} end");
    expect(message).not.toContain("\n");
    expect(hostileText).toContain("\ufffe");
  });
});
