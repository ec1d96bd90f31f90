import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../src/diagnostics/index.js";
import type { AndroidManifest } from "../../src/manifest/index.js";
import { buildClassGraph, PackageTable } from "../../src/program/index.js";
import { organisationOf } from "../../src/sdk/first-party.js";
import { type AttributionInput, attributeClasses, matchSdks, seeApp } from "../../src/sdk/index.js";
import { buildManifest, fakeApp, type ManifestShape } from "../support/app-builder.js";
import { indexTinyRules, sdkRule, supportLibraryRule, vendor } from "../support/tiny-rules.js";

const rules = indexTinyRules({
  "vendors/acme.yaml": vendor("acme"),
  "vendors/bolt.yaml": vendor("bolt", ", own-apps: [com.bolt.rides]"),
  "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/analytics/", "component: com.acme.analytics.Setup"]),
  "bolt.yaml": sdkRule("bolt", ["class-prefix: Lio/bolt/sdk/"]),
  "vendors/drift.yaml": vendor("drift"),
  "drift.yaml": sdkRule("drift", ["class-prefix: Lcom/drift/"]),
  "core.yaml": supportLibraryRule("core", ["class-prefix: Lorg/core/"]),
});

/** Party of each package, by the package's name. */
function attribute(
  shape: ManifestShape | undefined,
  names: readonly string[],
  named: readonly string[] = [],
) {
  const packages = tableOf(names);
  const manifest = shape === undefined ? undefined : buildManifest(shape);
  const { parties, partyOfPackage } = attributeClasses(inputOf(manifest, packages, named));
  return Object.fromEntries(names.map((name, number) => [name, parties[partyOfPackage[number]!]!.id]));
}

function inputOf(
  manifest: AndroidManifest | undefined,
  packages: PackageTable,
  firstParty: readonly string[] = [],
): AttributionInput {
  const app = seeApp(fakeApp(manifest), packages, []);
  return {
    manifest,
    packages,
    app,
    matches: matchSdks(app, rules, defaultLimits),
    rules,
    firstParty,
    buildGraph: () => buildClassGraph([], packages, () => false),
    limits: defaultLimits,
  };
}

function tableOf(names: readonly string[]): PackageTable {
  const packages = new PackageTable();
  for (const name of names) {
    packages.names.push(name);
    packages.classes.push(1);
    packages.generated.push(0);
    packages.codeUnits.push(10);
    packages.examples.push(`${name}C;`);
    packages.exampleEntries.push("classes.dex");
  }
  return packages;
}

test("classes that the build generates for a library's resources make no third party", () => {
  const packages = tableOf(["Lcom/store/", "Lorg/widget/", "Lorg/engine/"]);
  packages.generated[1] = 1; // Lorg/widget/R;
  const manifest = buildManifest({ packageName: "com.store" });
  const { parties } = attributeClasses(inputOf(manifest, packages));
  expect(parties.map(({ id, classes }) => [id, classes])).toEqual([
    ["first-party", 2],
    ["unrecognised:org.engine", 1],
  ]);
});

describe("the first party", () => {
  test("is the organisation of the application id, in whole segments", () => {
    const shape = { packageName: "com.store.app.free" };
    expect(
      attribute(shape, ["Lcom/store/app/ui/", "Lcom/store/other/", "Lcom/storefront/", "Lorg/store/"]),
    ).toEqual({
      "Lcom/store/app/ui/": "first-party",
      "Lcom/store/other/": "first-party",
      "Lcom/storefront/": "unrecognised:com.storefront",
      "Lorg/store/": "unrecognised:org.store",
    });
  });

  test("is that of the launcher activities and of the Application class too, not of other components", () => {
    const shape = {
      launchers: ["de.muster.Start"],
      application: "net.basis.App",
      services: ["org.guest.Work"],
    };
    expect(attribute(shape, ["Lde/muster/ui/", "Lnet/basis/", "Lorg/guest/"])).toEqual({
      "Lde/muster/ui/": "first-party",
      "Lnet/basis/": "first-party",
      "Lorg/guest/": "unrecognised:org.guest",
    });
  });

  test("gains nothing by a launcher activity or Application that a rule owns", () => {
    const shape = { launchers: ["com.acme.analytics.Setup"], application: "org.core.App" };
    expect(attribute(shape, ["Lcom/acme/analytics/", "Lcom/acme/else/", "Lorg/core/"])).toEqual({
      "Lcom/acme/analytics/": "acme",
      "Lcom/acme/else/": "unrecognised:com.acme.else",
      "Lorg/core/": "core",
    });
  });

  test("is what the user names, whatever the rules say, in whole segments", () => {
    const names = ["Lcom/acme/analytics/", "Lcom/acme/analyticsx/", "Lorg/core/"];
    expect(attribute({}, names, ["com.acme.analytics", "org.core"])).toEqual({
      "Lcom/acme/analytics/": "first-party",
      "Lcom/acme/analyticsx/": "unrecognised:com.acme.analyticsx",
      "Lorg/core/": "first-party",
    });
  });

  test("is an SDK's vendor in the apps that it builds: by a whole organisation, or by the rule", () => {
    // Two makers may share a name: com.acme.shop need not be the analytics company's.
    expect(attribute({ packageName: "com.acme.shop" }, ["Lcom/acme/analytics/", "Lio/bolt/sdk/"])).toEqual({
      "Lcom/acme/analytics/": "acme",
      "Lio/bolt/sdk/": "bolt",
    });
    expect(attribute({ packageName: "com.drift.demo" }, ["Lcom/drift/sdk/"])).toEqual({
      "Lcom/drift/sdk/": "first-party",
    });
    expect(attribute({ packageName: "com.bolt.rides.driver" }, ["Lio/bolt/sdk/"])).toEqual({
      "Lio/bolt/sdk/": "first-party",
    });
    expect(attribute({ packageName: "com.bolt.ridesharing" }, ["Lio/bolt/sdk/"])).toEqual({
      "Lio/bolt/sdk/": "bolt",
    });
  });

  test("is nobody where the manifest is not known, and a support library stays one", () => {
    expect(attribute(undefined, ["Lcom/store/", "Lorg/core/"])).toEqual({
      "Lcom/store/": "unrecognised:com.store",
      "Lorg/core/": "core",
    });
  });
});

describe("an unrecognised third party", () => {
  test("is named by the longest package that all of its organisation's stand in", () => {
    expect(
      attribute({}, ["Lcom/tracker/sdk/a1x/", "Lcom/tracker/sdk/core/io/", "Lcom/tracker/sdk/core/"]),
    ).toEqual({
      "Lcom/tracker/sdk/a1x/": "unrecognised:com.tracker.sdk",
      "Lcom/tracker/sdk/core/io/": "unrecognised:com.tracker.sdk",
      "Lcom/tracker/sdk/core/": "unrecognised:com.tracker.sdk",
    });
  });

  test("is one for each owner under a shared or country domain", () => {
    const names = ["Lcom/github/alice/", "Lcom/github/bob/", "Luk/co/acme/", "Luk/co/bolt/", "Lau/com/acme/"];
    expect(new Set(Object.values(attribute({}, names))).size).toBe(5);
  });

  test("is no party where the name has been taken away", () => {
    const renamed = ["L", "La/", "Lo/", "Labc/", "La/b/", "Laa/bb/cc/"];
    expect(new Set(Object.values(attribute({}, renamed)))).toEqual(new Set(["unattributed"]));
    expect(attribute({}, ["Labcd/", "La/bcd/", "Lcom/a/b/"])).toEqual({
      "Labcd/": "unrecognised:abcd",
      "La/bcd/": "unrecognised:a.bcd",
      "Lcom/a/b/": "unattributed",
    });
  });

  test("may have as many packages as an app can hold", () => {
    const names = Array.from({ length: 150_000 }, (_, index) => `Lcom/many/p${index}/`);
    const parties = attribute({}, names);
    expect(parties["Lcom/many/p149999/"]).toBe("unrecognised:com.many");
  });
});

test("every package has one party, and their classes and code add up", () => {
  const packages = tableOf([
    "Lcom/acme/analytics/",
    "La/",
    "Lorg/example/app/",
    "Lorg/core/",
    "Lx/stranger/",
  ]);
  const manifest = buildManifest({});
  const { parties } = attributeClasses(inputOf(manifest, packages));
  expect(parties.map(({ id, kind, classes, codeUnits }) => [id, kind, classes, codeUnits])).toEqual([
    ["first-party", "first-party", 1, 10],
    ["acme", "sdk", 1, 10],
    ["unrecognised:x.stranger", "unrecognised", 1, 10],
    ["core", "support-library", 1, 10],
    ["unattributed", "unattributed", 1, 10],
  ]);
  for (const party of parties) expect(party.evidence.length, party.id).toBeGreaterThan(0);
});

test("the part of a package that names its owner", () => {
  const organisations = {
    "Lcom/acme/app/ui/": "Lcom/acme/",
    "Lcom/acme/": "Lcom/acme/",
    "Luk/co/acme/app/": "Luk/co/acme/",
    "Lcom/au/acme/": "Lcom/au/",
    "Lio/github/alice/lib/": "Lio/github/alice/",
    "Lcom/google/firebase/auth/": "Lcom/google/firebase/",
    "Lacme/": "Lacme/",
    L: "L",
  };
  for (const [name, organisation] of Object.entries(organisations))
    expect(organisationOf(name), name).toBe(organisation);
});

test("where known code shares an organisation, its unknown packages are told apart", () => {
  const names = [
    "Lio/bolt/sdk/",
    "Lio/bolt/widgets/text/",
    "Lio/bolt/widgets/span/",
    "Lio/bolt/tools/",
    "Lcom/drift/a/",
  ];
  expect(attribute({}, names)).toEqual({
    "Lio/bolt/sdk/": "bolt",
    "Lio/bolt/widgets/text/": "unrecognised:io.bolt.widgets",
    "Lio/bolt/widgets/span/": "unrecognised:io.bolt.widgets",
    "Lio/bolt/tools/": "unrecognised:io.bolt.tools",
    "Lcom/drift/a/": "drift",
  });
  expect(attribute({}, ["Lio/bolt/widgets/text/", "Lio/bolt/tools/"])).toEqual({
    "Lio/bolt/widgets/text/": "unrecognised:io.bolt",
    "Lio/bolt/tools/": "unrecognised:io.bolt",
  });
});
