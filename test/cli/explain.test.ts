import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { fixtureAppPath } from "../support/fixture-apps.js";
import { sdkRule, vendor } from "../support/tiny-rules.js";
import {
  bycatch,
  bycatchOnce,
  executable,
  gpsDemo,
  installed,
  settings,
  temporaryFolder,
} from "./run-bycatch.js";

const switchedOff = fixtureAppPath("switched-off.apk");
const tracker = fixtureAppPath("tracker.apk");

const explainJson = (...args: string[]) => {
  const { stdout, stderr, status } = bycatch(["explain", "-f", "json", ...args]);
  expect([stderr, status]).toEqual(["", 0]);
  return JSON.parse(stdout);
};

/** A report as the command line writes it, changed. */
function report(change: (result: Record<string, unknown>) => unknown = (result) => result): string {
  const path = join(temporaryFolder(), "report.json");
  const { stdout } = bycatchOnce(["scan", "-f", "json", tracker]);
  writeFileSync(path, JSON.stringify(change(JSON.parse(stdout))));
  return path;
}

describe("by the rules alone", () => {
  test.each([
    ["an SDK", "adjust", "class-prefix        com.adjust.sdk.*"],
    ["the company of its id", "vendor:adjust", "which belongs to AppLovin"],
    ["a company's SDKs", "vendor:applovin", "Adjust  adjust  attribution · Adjust GmbH"],
    ["a data type", "precise-location", "android.location.LocationManager.getLastKnownLocation"],
    ["a kind of data", "android-id", 'android.provider.Settings.Secure.getString with "android_id"'],
    ["a permission by its last part", "AD_ID", "Adjust  adjust"],
    ["a kind of finding", "piggy-back-permission", "only code that is not the app's own"],
    ["a finding", "data-access/adjust/device-or-other-ids", "Adjust: device-or-other-ids."],
    ["a manifest switch", "sentry", '<meta-data android:name="io.sentry.auto-init" android:value="false" />'],
    ["an artefact", "sentry", 'exclude(group = "io.sentry", module = "sentry-android")'],
    ["what starts it", "sentry", 'android:name="io.sentry.android.core.SentryInitProvider"'],
    ["what is documented", "sentry", "vendor says it collects: crash-logs"],
  ])("%s", (_, subject, expected) => {
    const { stdout, stderr, status } = bycatchOnce(["explain", subject]);
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toContain(expected);
    expect(stdout).toContain(subject.includes("piggy") ? "" : "With an app it is said how it stands there");
  });

  test("as JSON", () => {
    expect(explainJson("adjust")).toMatchObject({
      subject: { kind: "sdk", id: "adjust", name: "Adjust" },
      alsoNamed: [{ kind: "vendor", id: "adjust" }],
      owners: [{ id: "adjust" }, { id: "applovin" }],
    });
  });

  test("in colour and at a width, where asked", () => {
    const { stdout } = bycatch(["explain", "adjust", "--color", "always", "--width", "60"]);
    expect(stdout).toContain("\x1b[1mAdjust\x1b[22m");
    const plain = bycatch(["explain", "android-id", "--width", "60"]).stdout;
    expect(plain.split("\n").filter((line) => line.length > 60)).toEqual([]);
  });

  test("of the user's own rules too, with what they say beside", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "vendors"));
    writeFileSync(join(folder, "vendors/tide.yaml"), vendor("tide", ", parent: applovin"));
    const more = "maven: [com.tide:sdk]\nnote: Mine.\nauto-init: [{ provider: com.tide.Start }]";
    writeFileSync(join(folder, "tide.yaml"), sdkRule("tide", ["class-prefix: Lcom/tide/sdk/"], more));
    const tide = explainJson("tide", "--rules", folder);
    expect(tide).toMatchObject({ note: "Mine.", owners: [{ id: "tide" }, { id: "applovin" }] });
    expect(tide.remedies.map(({ kind }: { kind: string }) => kind)).toEqual([
      "remove-start",
      "exclude-artefact",
    ]);
    const { sdks } = explainJson("vendor:applovin", "--rules", folder);
    expect(sdks.map(({ id }: { id: string }) => id)).toContain("tide");
  });

  test.each([
    ["a slip", "adjsut", /nothing of this name is in the rules\n {2}Did you mean adjust\?/],
    ["a part", "ACCESS_FINE", /Did you mean .*android\.permission\.ACCESS_FINE_LOCATION/],
    ["nonsense", "qqqqqqqqqqqqqqq", /A subject is the id of an SDK, a vendor, a data type/],
    ["what only an app has", "unrecognised:com.acme", /What only an app has needs that app/],
    ["another kind", "data-type:adjust", /nothing of this name is in the rules/],
    ["a terminal's commands", "\x1b[2J", /explain \\x1b\[2J: nothing of this name/],
  ])("a wrong subject, %s", (_, subject, sentence) => {
    const { stdout, stderr, status } = bycatch(["explain", subject]);
    expect([stdout, status]).toEqual(["", 2]);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});

describe("in an app", () => {
  test("an SDK: evidence, calls, how its switches stand", () => {
    const { stdout, status } = bycatch(["explain", "facebook-core", switchedOff]);
    expect(status).toBe(0);
    expect(stdout).toContain(
      "In switched-off.apk  com.example.switches 1.0\n  It is in this app, version 11.3.0",
    );
    expect(stdout).toContain("com.facebook.internal.AttributionIdentifiers.read  classes.dex 0x4");
    expect(stdout).toContain("It stands so in this app.");
    expect(stdout).toContain("This app does not set it.");
  });

  test("a party that no rule knows, a finding of it, and the report of the same app: alike", () => {
    const made = report();
    for (const subject of [
      "unrecognised:com.acme.tracker",
      "data-access/unrecognised:com.acme.tracker/contacts",
      "READ_CONTACTS",
      "contacts",
    ]) {
      const ofApp = bycatch(["explain", subject, tracker]);
      expect(ofApp.status).toBe(0);
      expect(bycatch(["explain", subject, made]).stdout).toBe(ofApp.stdout);
    }
  });

  test.skipIf(process.platform === "win32")("a report through a pipe", () => {
    const command = `"$0" "$1" scan -f json "$2" | "$0" "$1" explain unrecognised:com.acme.tracker /dev/stdin`;
    const args = ["-c", command, process.execPath, executable, tracker];
    const { stdout, stderr } = spawnSync("sh", args, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toContain("A third party that no rule knows");
  });

  test("code that the user says is the app's own is no third party", () => {
    const args = ["unrecognised:com.acme.tracker", tracker, "--first-party", "com.acme.tracker"];
    const { stderr, status } = bycatch(["explain", ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(`nothing of this name is in the rules or ${tracker}`);
    const first = explainJson("first-party", tracker, "--first-party", "com.acme.tracker");
    expect(first.access.map(({ dataType }: { dataType: string }) => dataType)).toContain("contacts");
  });

  test("an SDK in an app of its own vendor, or named by the user, is there as its makers' own", () => {
    const own = bycatch([
      "explain",
      "amazon-aps",
      fixtureAppPath("built-by-vendor.apk"),
      "--width",
      "120",
    ]).stdout;
    expect(own).toContain(
      "It is in this app, as the app makers' own code, 1 class: its vendor builds the app",
    );
    expect(own).toContain("class               com.amazon.device.ads.DtbGeoLocation  classes.dex");
    const company = bycatch(["explain", "vendor:amazon", fixtureAppPath("built-by-vendor.apk")]).stdout;
    expect(company).not.toMatch(/None of them was seen|No access was seen/);
    const { presence } = explainJson("facebook-core", switchedOff, "--first-party", "com.facebook");
    expect(presence).toMatchObject({ version: "11.3.0", own: { why: "named", classes: 2 } });
  });

  test("a report made with other rules claims no absence", () => {
    const made = report(({ tool, ...rest }) => ({
      ...rest,
      tool: { ...(tool as object), rulesVersion: "other" },
    }));
    const { stdout } = bycatch(["explain", "adjust", made]);
    expect(stdout).toContain("It was not seen in this app. The rules that the report was made with may not");
    expect(stdout).not.toContain("No trace");
  });

  test("renamed code has its names back by its mapping", () => {
    const mapped = fixtureAppPath("mapped.apk");
    const { presence } = explainJson("adjust", mapped, "--mapping", fixtureAppPath("mapped/mapping.txt"));
    expect(presence).toMatchObject({ answer: "present", version: "4.28.5" });
    expect(explainJson("adjust", mapped).presence).toMatchObject({ answer: "unknown", unread: [] });
  });

  test("real apps", () => {
    const own = bycatch(["explain", "precise-location", gpsDemo]);
    expect(own.status).toBe(0);
    expect(own.stdout).toContain("Who could access it in this app");
    const absent = bycatch(["explain", "adjust", settings]);
    expect(absent.stdout).toMatch(/No trace of it is in this app|It was not seen in this app/);
  });

  test("a finding that the app does not have, with near ones", () => {
    const { stderr, status } = bycatch([
      "explain",
      "data-access/unrecognised:com.acme.tracker/contact",
      tracker,
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain("Did you mean data-access/unrecognised:com.acme.tracker/contacts?");
  });
});

describe("a file that is no app and no report", () => {
  test.each<[string, string, RegExp]>([
    ["broken JSON", "{", /is neither an APK nor a JSON report: it cannot be parsed/],
    ["another JSON", "{}", /is no report: it has no schemaVersion/],
    ["null", "[null]", /holds an array of 1, where one app's report is needed/],
    ["another version's", '{"schemaVersion":"9.0"}', /is a report of form 9\.0, and this is for 1\.x/],
    ["a version alone", '{"schemaVersion":"1.0"}', /is no report: tool: /],
    [
      "a deep one",
      `{"schemaVersion":"1.0","tool":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
      /is no report: /,
    ],
  ])("%s", (_, text, sentence) => {
    const path = join(temporaryFolder(), "some.json");
    writeFileSync(path, text);
    const { stdout, stderr, status } = bycatch(["explain", "adjust", path]);
    expect([stdout, status]).toEqual(["", 2]);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  test("none at all, and a text", () => {
    expect(bycatch(["explain", "adjust", "no-such-file.apk"])).toMatchObject({ status: 2, stdout: "" });
    const { stderr, status } = bycatch(["explain", "adjust", installed("commander/package.json")]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("is no report: it has no schemaVersion")]);
    const text = bycatch(["explain", "adjust", installed("commander/LICENSE")]);
    expect([text.status, text.stderr]).toEqual([3, expect.stringContaining("not a ZIP archive")]);
  });

  test("a report and --first-party: it is too late to say whose the code is", () => {
    const { stderr, status } = bycatch(["explain", "adjust", report(), "--first-party", "com.acme"]);
    expect(status).toBe(2);
    expect(stderr).toContain("is a report, in which that was decided when it was made");
  });

  test("none, where an option bears on one", () => {
    for (const flag of ["--first-party", "--mapping"]) {
      const { stderr, status } = bycatch(["explain", "adjust", flag, "com.acme"]);
      expect([stderr, status]).toEqual([
        `bycatch: ${flag}: bears on an app, and none is named\n  Name the APK.\n`,
        2,
      ]);
    }
  });
});

describe("a hostile report", () => {
  const ESCAPE = "\x1b[2J\u202e\r\n";

  test("with a party of the wrong kind, names what is wrong", () => {
    const made = report((result) => ({ ...result, parties: [{ id: 1 }] }));
    const { stderr, status } = bycatch(["explain", "adjust", made]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/is no report: parties\.0\.id: /);
  });

  test("with keys of a later version, is read", () => {
    const made = report((result) => ({ ...result, schemaVersion: "1.7", tides: [] }));
    expect(bycatch(["explain", "contacts", made]).status).toBe(0);
  });

  test("with texts that a terminal obeys, shows them", () => {
    const poison = (value: unknown): unknown =>
      typeof value === "string" && /acme|Lcom|classes\.dex/.test(value)
        ? value + ESCAPE
        : Array.isArray(value)
          ? value.map(poison)
          : typeof value === "object" && value !== null
            ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, poison(item)]))
            : value;
    const made = report((result) => poison(result));
    expect(JSON.parse(readFileSync(made, "utf8")).parties).toHaveLength(2);
    for (const subject of [
      `unrecognised:com.acme.tracker${ESCAPE}`,
      "contacts",
      "READ_CONTACTS",
      "data-access",
    ]) {
      for (const more of [[], ["--verbose"], ["-f", "json"]]) {
        const { stdout, stderr, status } = bycatch(["explain", subject, made, ...more]);
        expect([stderr, status], subject).toEqual(["", 0]);
        expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
    }
  });

  test("cannot forge a line of ours", () => {
    const forged = "com.acme.permission.SPY\nbycatch: nothing was found\u2028\x1b[2J";
    const made = report(({ permissions, ...rest }) => ({
      ...rest,
      permissions: [...(permissions as object[]), { ...(permissions as object[])[0], name: forged }],
    }));
    for (const subject of ["acme.permission.SP", "data-type:com.acme.permission.SPY\nbycatch: nothing was"]) {
      const { stderr, status } = bycatch(["explain", subject, made]);
      expect(status).toBe(2);
      expect(stderr.split("\n").filter((line) => line.startsWith("bycatch:"))).toHaveLength(1);
      expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}]/u);
    }
    const { stderr } = bycatch(["explain", "acme.permission.SP", made]);
    expect(stderr).toContain("Did you mean com.acme.permission.SPY\\nbycatch: nothing was found\\u{2028}");
    const version = report((result) => ({ ...result, schemaVersion: "9\nbycatch: all is well" }));
    expect(bycatch(["explain", "adjust", version]).stderr).toContain("is a report of form 9\\nbycatch: ");
  });

  test("with names out of Object.prototype, is as good as any", () => {
    const made = report((result) => {
      const text = JSON.stringify(result).replaceAll("unrecognised:com.acme.tracker", "__proto__");
      return JSON.parse(text);
    });
    const { stdout, status } = bycatch(["explain", "__proto__", made]);
    expect(status).toBe(0);
    expect(stdout).toContain("What it could access in this app");
    expect(bycatch(["explain", "constructor", made]).status).toBe(2);
  });
});

describe("to a depth", () => {
  const programs = new URL("../../fixtures/programs/", import.meta.url);
  const app = fileURLToPath(new URL("third-party/passed-on.apk", programs));
  const rules = ["--width", "140", "--rules", fileURLToPath(new URL("rules", programs))];
  const scanned = (depth: string) => {
    const path = join(temporaryFolder(), "report.json");
    expect(bycatch(["scan", app, ...rules, "--depth", depth, "-o", path]).status).toBe(0);
    return path;
  };

  test("flows are told of an APK as of its report", () => {
    const made = scanned("flows");
    for (const subject of [
      "ebbmark-analytics",
      "device-or-other-ids",
      "data-hand-over/ebbmark-analytics/device-or-other-ids",
    ]) {
      const ofApp = bycatch(["explain", subject, app, "--depth", "flows", ...rules]);
      expect([ofApp.stderr, ofApp.status], subject).toEqual(["", 0]);
      expect(ofApp.stdout).toContain("the network: collect.ebbmark.example");
      const ofReport = bycatch(["explain", subject, made, "--depth", "flows", ...rules]);
      expect(ofReport.stdout).toBe(ofApp.stdout);
    }
  });

  test("a report that was made to less is refused, and so is a depth of no app", () => {
    const made = scanned("reachable");
    const { stderr, status } = bycatch(["explain", "ebbmark", made, "--depth", "flows", ...rules]);
    expect(status).toBe(2);
    expect(stderr).toContain("is a report that was made with --depth reachable");
    expect(bycatch(["explain", "ebbmark", made, "--depth", "referenced", ...rules]).status).toBe(0);
    const without = bycatch(["explain", "adjust", "--depth", "flows"]);
    expect(without.status).toBe(2);
    expect(without.stderr).toContain("--depth: bears on an app, and none is named");
  });
});
