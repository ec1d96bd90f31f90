import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { lintRules } from "../../src/ruleset/lint-rules.js";
import { loadRuleFiles } from "../../src/ruleset/load-ruleset.js";
import { parseRuleFile } from "../../src/ruleset/parse-rule.js";
import { apiRule, dataTypes, sdkRule, supportLibraryRule, vendor } from "../support/tiny-rules.js";

const directory = fileURLToPath(new URL("../../rules", import.meta.url));
const sharedNames = readFileSync(new URL("../../rules/shared-names.yaml", import.meta.url), "utf8");

test("the shipped rules are in order", () => {
  expect(lintRules(loadRuleFiles(directory))).toEqual([]);
});

describe("a mistake is named, with its line and what to do", () => {
  /** Complaints about files, as they are printed. */
  const lint = (files: Readonly<Record<string, string>>) =>
    lintRules(
      Object.entries({ ...files, "shared-names.yaml": sharedNames }).map(([path, text]) => ({
        path,
        text,
        file: parseRuleFile(text, path),
      })),
    ).map(({ place, problem, advice }) => `${place}: ${problem}. ${advice}`);
  const acmeVendor = { "vendors/acme.yaml": vendor("acme", ", site: https://acme.example/") };
  const otherVendor = { "vendors/other.yaml": vendor("other", ", site: https://other.example/") };
  const acme = (signature: string, more = "") => ({
    ...acmeVendor,
    "sdks/analytics/acme.yaml": sdkRule("acme", [signature], more),
  });
  const NESTED = "nested-prefixes.yaml";
  const nested = (inner: string, outer: string) =>
    `  - { inner: ${inner}, outer: ${outer}, why: on purpose }\n`;

  test("nothing is wrong with a sound rule", () => {
    expect(lint(acme("class-prefix: Lcom/acme/sdk/"))).toEqual([]);
  });

  test.each([
    ["a root that many share", "class-prefix: Lcom/google/firebase/", /holds more than this product/],
    ["a single word", "class-prefix: Lacme/", /single word/],
    ["an abbreviation below a domain", "class-prefix: Lcom/dv/", /so short/],
    ["a package of Android itself", "class-prefix: Landroid/acme/", /of Android itself/],
    ["a package of Java", "class-prefix: Ljava/util/acme/", /of Android itself/],
    ["an inner class", "class-prefix: Lcom/acme/Sdk$Builder;", /goes with its outermost/],
    ["a common native library", "native-library: libnative-lib.so", /many libraries have/],
    ["a package that R8 named", "class-prefix: La/a/a/", /as R8 names packages/],
    ["what R8 named below a domain", "class-prefix: Lcom/a/bc/", /as R8 names packages/],
    ["a class that R8 named", "class-prefix: La/b/C;", /as R8 names packages/],
    ["a class without a package", "class-prefix: LMain;", /as R8 names packages/],
    ["a single letter", "class-prefix: Lo/", /single word/],
    ["a word for anything", "class-prefix: Lcom/common/", /words that anybody may use/],
    ["words for anything", "class-prefix: Lio/example/utils/", /words that anybody may use/],
    ["a library of Android's", "native-library: libGLESv2.so", /many libraries have/],
    ["a library that several builds carry", "native-library: libopencv_java4.so", /many libraries have/],
    ["a shared library as a file", 'file: "lib/*/liblog.so"', /in any build, as .*liblog.so/],
    ["a file of any build", "file: META-INF/MANIFEST.MF", /in any build/],
    ["any service", 'file: "META-INF/services/*"', /in any build, as META-INF\/services\/java/],
    ["meta-data of Android's", "meta-data: android.max_aspect", /read by Android/],
    ["Play services' version", "meta-data: com.google.android.gms.version", /read by Android/],
    ["a shared host", "host: googleapis.com", /anybody's code/],
    ["somebody's bucket", "host: acme.s3.amazonaws.com", /anybody's code/],
    ["a page to read", "host: docs.acme.example", /pages to read/],
  ])("%s", (_, signature, complaint) => {
    expect(lint(acme(signature))).toEqual([
      expect.stringMatching(new RegExp(`^sdks/analytics/acme.yaml:7: .*${complaint.source}`)),
    ]);
  });

  test.each([
    ["a package that is called as short", "class-prefix: Lbo/app/"],
    ["a longer name below a word for anything", "class-prefix: Lcom/common/acme/"],
    ["a package of its own with a word for anything in it", "class-prefix: Lacme/sdk/"],
    ["one service", "file: META-INF/services/com.acme.Module"],
    ["a library of its own", "native-library: libandroidacme.so"],
    ["meta-data that begins alike", "meta-data: android_acme_key"],
  ])("nothing is said of %s", (_, signature) => {
    expect(lint(acme(signature))).toEqual([]);
  });

  test("nothing is said of a shared name in the rule that it is the own of", () => {
    const opencv = { "opencv.yaml": supportLibraryRule("opencv", ["native-library: libopencv_java4.so"]) };
    expect(lint(opencv)).toEqual([]);
    const other = { "vision.yaml": supportLibraryRule("vision", ["native-library: libopencv_java4.so"]) };
    expect(lint(other)).toEqual([expect.stringMatching(/many libraries have/)]);
  });

  test("a prefix that holds an own app of its vendor's, or of another", () => {
    const apps = {
      "vendors/acme.yaml": vendor("acme", ", site: https://acme.example/, own-apps: [com.acme.chat]"),
    };
    const lintPrefix = (prefix: string) =>
      lint({ ...apps, "acme.yaml": sdkRule("acme", [`class-prefix: ${prefix}`]) });
    const holds = expect.stringMatching(/^acme.yaml:7: .* of acme holds the vendor's own app com.acme.chat/);
    expect(lintPrefix("Lcom/acme/chat/")).toEqual([holds]);
    expect(lintPrefix("Lcom/acme/")).toEqual([holds]);
    expect(lintPrefix("Lcom/acme/chat/sdk/")).toEqual([]);
    const another = { ...otherVendor, "other.yaml": sdkRule("other", ["class-prefix: Lcom/acme/"]) };
    const used = { "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/sdk/"]) };
    expect(lint({ ...apps, ...used, ...another })).toContainEqual(
      expect.stringMatching(/^other.yaml:7: .* of other holds the vendor's own app/),
    );
    const meant =
      "shared-roots: []\none-segment-prefixes: []\nshort-prefixes: []\nplatform-roots: []\nshared-native-libraries: []\nshared-hosts: []\nown-app-prefixes: [Lcom/acme/]\n";
    expect(
      lint({ ...apps, "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/"]), "own-names.yaml": meant }),
    ).toEqual([]);
  });

  test("a note to the authors, a switch without a source", () => {
    expect(lint(acme("class-prefix: Lcom/acme/", "note: com.acme.old is left out.\n"))).toEqual([
      expect.stringMatching(/^sdks\/analytics\/acme.yaml:8: .*YAML comment/),
    ]);
    const switches = 'switches: [{ meta-data: acme_enabled, off: "false", effect: Nothing is sent. }]\n';
    expect(lint(acme("class-prefix: Lcom/acme/", switches))).toEqual([
      expect.stringMatching(/acme_enabled has no source/),
    ]);
    const call = "switches: [{ method: Lcom/acme/Sdk;->stop()V, effect: Nothing is sent. }]\n";
    expect(lint(acme("class-prefix: Lcom/acme/", call))).toEqual([
      expect.stringMatching(/stop\(\)V has no source/),
    ]);
  });

  test("an id that is not the file's name, an SDK in another category's folder, a kind in another's", () => {
    const rule = sdkRule("acme", ["class-prefix: Lcom/acme/"]);
    expect(lint({ ...acmeVendor, "sdks/analytics/acne.yaml": rule })).toEqual([
      expect.stringMatching(/^sdks\/analytics\/acne.yaml:2: .*Rename it to acme.yaml/),
    ]);
    expect(lint({ ...acmeVendor, "sdks/maps/acme.yaml": rule })).toEqual([
      expect.stringMatching(/acme.yaml:5: .*Move it to sdks\/analytics\//),
    ]);
    expect(lint({ ...acmeVendor, "support-libraries/acme.yaml": rule })).toEqual([
      expect.stringMatching(/Move it to sdks\/analytics\//),
    ]);
    expect(lint({ ...acmeVendor, "mine/acme.yaml": rule })).toEqual([]);
  });

  test("a claim to classes that no example shows", () => {
    const rule = sdkRule("acme", ["class-prefix: Lcom/acme/"]).replace(
      "{ class: Lx/Y; }",
      "{ string: acme-key }",
    );
    expect(lint({ ...acmeVendor, "sdks/analytics/acme.yaml": rule })).toEqual([
      expect.stringMatching(/no example shows a class/),
    ]);
  });

  test("a rule inside another, unless the pair is listed; a pair that is no more", () => {
    const files = {
      ...acmeVendor,
      "vendors/push.yaml": vendor("push", ", site: https://push.example/"),
      "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/"]),
      "push.yaml": sdkRule("push", ["class-prefix: Lcom/acme/push/"]),
    };
    expect(lint(files)).toEqual([expect.stringMatching(/^push.yaml:7: .* stands in a package of acme/)]);
    const pair = { [NESTED]: `nested-prefixes:\n${nested("push", "acme")}` };
    expect(lint({ ...files, ...pair })).toEqual([]);
    expect(lint({ ...acme("class-prefix: Lcom/acme/"), ...pair })).toEqual([
      expect.stringMatching(/^nested-prefixes.yaml:2: .*Remove the pair/),
    ]);
    const component = { ...files, "push.yaml": sdkRule("push", ["component: com.acme.PushService"]) };
    expect(lint(component)).toEqual([
      expect.stringMatching(/com.acme.PushService stands in a package of acme/),
    ]);
    const library = { ...files, "push.yaml": supportLibraryRule("push", ["class-prefix: Lcom/acme/push/"]) };
    expect(lint(library)).toContainEqual(expect.stringMatching(/stands in a package of acme/));
  });

  test("a prefix below one of its own rule's, but for what another rule stands between", () => {
    const two = ["class-prefix: Lcom/acme/", "class-prefix: Lcom/acme/adapters/acme/"];
    const own = { ...acmeVendor, "acme.yaml": sdkRule("acme", two) };
    expect(lint(own)).toEqual([expect.stringMatching(/below another prefix/)]);
    const between = {
      "adapters.yaml": supportLibraryRule("adapters", ["class-prefix: Lcom/acme/adapters/"]),
      [NESTED]: `nested-prefixes:\n${nested("adapters", "acme")}${nested("acme", "adapters")}`,
    };
    expect(lint({ ...own, ...between })).toEqual([]);
  });

  test("one name in two rules", () => {
    const files = {
      ...acme("meta-data: com.acme.KEY"),
      ...otherVendor,
      "sdks/analytics/other.yaml": sdkRule("other", ["meta-data: com.acme.KEY"]),
    };
    expect(lint(files)).toEqual([
      expect.stringMatching(/^sdks\/analytics\/other.yaml:7: .* of other is also in acme/),
    ]);
  });

  test("a prefix that two rules claim, a vendor that is not there, a parent that is not", () => {
    const rule = (id: string) => sdkRule(id, ["class-prefix: Lcom/acme/"]);
    const twice = { ...acmeVendor, ...otherVendor, "acme.yaml": rule("acme"), "other.yaml": rule("other") };
    expect(lint(twice)).toContainEqual(expect.stringMatching(/claimed by `acme` and by `other`/));
    expect(lint({ "acme.yaml": rule("acme") })).toEqual([expect.stringMatching(/no vendor `acme`/)]);
    const orphan = { "vendors/acme.yaml": vendor("acme", ", parent: nobody, site: https://acme.example/") };
    expect(lint({ ...orphan, "acme.yaml": rule("acme") })).toEqual([
      expect.stringMatching(/no vendor `nobody`/),
    ]);
    const circle = {
      "vendors/acme.yaml": vendor("acme", ", parent: other, site: https://acme.example/"),
      "vendors/other.yaml": vendor("other", ", parent: acme, site: https://other.example/"),
    };
    expect(lint({ ...circle, "acme.yaml": rule("acme") })).toEqual([expect.stringMatching(/its own parent/)]);
  });

  test("a vendor without a site, without a rule, with a word for an app, with another's name", () => {
    expect(lint({ "vendors/v.yaml": vendor("v", ", own-apps: [com]") })).toEqual([
      expect.stringMatching(/no site/),
      expect.stringMatching(/no rule names/),
      expect.stringMatching(/single word/),
    ]);
    const twin = { "vendors/twin.yaml": "{ id: twin, name: ACME Inc., site: https://twin.example/ }" };
    expect(lint({ ...acme("class-prefix: Lcom/acme/"), ...twin })).toContainEqual(
      expect.stringMatching(/is also the name of acme/),
    );
  });

  test("a former name in parentheses makes no other company", () => {
    const twin = {
      "vendors/twin.yaml": "{ id: twin, name: Acme Inc. (formerly Ajax), site: https://t.example/ }",
    };
    expect(lint({ ...acme("class-prefix: Lcom/acme/"), ...twin })).toContainEqual(
      expect.stringMatching(/^vendors\/twin.yaml:1: .*is also the name of acme/),
    );
  });

  test("a host that is the web site of the product or of its vendor", () => {
    const files = { "vendors/acme.yaml": vendor("acme", ", site: https://www.acme-group.example/about") };
    const lintHost = (host: string) =>
      lint({ ...files, "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/", `host: ${host}`]) });
    const site = expect.stringMatching(/^acme.yaml:7: .*web site too. Name the endpoint/);
    expect(lintHost("acme.example")).toEqual([site]);
    expect(lintHost("acme-group.example")).toEqual([site]);
    expect(lintHost("api.acme.example")).toEqual([]);
    expect(lintHost("acme-events.example")).toEqual([]);
  });

  test("a string that is a content URI, a need of an unknown permission, of both or none", () => {
    const uri = "content://com.acme.ids/id";
    const files = {
      ...acme(`string: "${uri}"`),
      "data-types.yaml": dataTypes("ids"),
      "apis/ids.yaml": apiRule(
        "ids",
        "ids",
        `  - content-uri: ${uri}\n    needs: [{ any-of: [com.acme.READ] }]\n`,
      ),
    };
    expect(lint(files)).toEqual([
      expect.stringMatching(/is a content URI that yields data/),
      expect.stringMatching(/com.acme.READ is not known/),
    ]);
    const neither = apiRule("ids", "ids", `  - content-uri: ${uri}\n    needs: [{ from-target: 30 }]\n`);
    expect(lint({ "data-types.yaml": dataTypes("ids"), "apis/ids.yaml": neither })).toEqual([
      expect.stringMatching(/either any-of or all-of/),
    ]);
  });
});
