import { describe, expect, test } from "vitest";
import { type Diagnostics, defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import {
  type AndroidManifest,
  isLauncherActivity,
  ResDataType,
  readManifest,
  readResourceTable,
  toApiLevel,
} from "../../src/manifest/index.js";
import { buildArsc } from "../support/arsc-builder.js";
import { type AxmlAttribute, type AxmlElement, buildAxml } from "../support/axml-builder.js";

type Attributes = Readonly<Record<string, AxmlAttribute["value"]>>;

/** An element; attributes are Android's unless they are among the few that have no namespace. */
function element(name: string, attributes: Attributes = {}, ...children: AxmlElement[]): AxmlElement {
  const plain = ["package", "split", "configForSplit", "platformBuildVersionCode"];
  const written = Object.entries(attributes).map(([key, value]) =>
    plain.includes(key)
      ? { plain: key, value }
      : { android: key as NonNullable<AxmlAttribute["android"]>, value },
  );
  return { name, attributes: written, children };
}

function reference(data: number) {
  return { dataType: ResDataType.REFERENCE, data };
}

const resources = readResourceTable(
  buildArsc([
    {
      id: 0x7f,
      types: [
        { typeId: 1, values: ["Label", "org.example.FromResource", "authority"] },
        { typeId: 2, values: [{ dataType: ResDataType.INT_BOOLEAN, data: 0 }] },
        { typeId: 3, values: ["res/xml/config.xml"] },
      ],
    },
  ]),
  "resources.arsc",
  defaultLimits,
  [],
);

interface Read {
  readonly manifest: AndroidManifest;
  readonly diagnostics: Diagnostics;
}

function readFrom(root: AxmlElement, { table = resources, limits = defaultLimits } = {}): Read {
  const diagnostics: Diagnostics = [];
  const manifest = readManifest(buildAxml(root), "AndroidManifest.xml", table, limits, diagnostics);
  return { manifest, diagnostics };
}

/** The manifest of an app `org.example` with these elements below `<manifest>`. */
function read(...children: AxmlElement[]): Read {
  return readFrom(element("manifest", { package: "org.example" }, ...children));
}

/** With these elements below `<application>`. */
function readApplication(targetSdkVersion: number, ...children: AxmlElement[]): Read {
  return read(element("uses-sdk", { targetSdkVersion }), element("application", {}, ...children));
}

describe("<manifest>", () => {
  test("another root, or no package, is no app", () => {
    expect(() => readFrom(element("resources", { package: "org.example" }))).toThrow(
      "root element is <resources>",
    );
    expect(() => readFrom(element("manifest"))).toThrow("no package");
    expect(() => readFrom(element("manifest", { package: "" }))).toThrow(FormatError);
  });

  test("a package's name beyond textLength", () => {
    const long = element("manifest", { package: "x".repeat(defaultLimits.textLength + 1) });
    expect(() => readFrom(long)).toThrow(expect.objectContaining({ code: "limit" }));
  });

  test("an app that says nothing", () => {
    expect(read().manifest).toMatchObject({
      packageName: "org.example",
      versionCode: "0",
      versionName: undefined,
      split: undefined,
      isFeatureSplit: false,
      usesSdk: { minSdkVersion: 1, targetSdkVersion: 1, maxSdkVersion: undefined },
      application: undefined,
      activities: [],
      providers: [],
    });
  });

  test.each([
    [{ versionCode: 7 }, "7"],
    [{ versionCode: 7, versionCodeMajor: 3 }, "12884901895"],
    [{ versionCode: -1, versionCodeMajor: 0x7fffffff }, "9223372036854775807"],
  ])("version %j is %s", (attributes, versionCode) => {
    const root = element("manifest", { package: "org.example", ...attributes });
    expect(readFrom(root).manifest.versionCode).toBe(versionCode);
  });

  test("versionName and compileSdkVersion, as older and newer compilers write them", () => {
    const older = {
      package: "org.example",
      versionName: reference(0x7f010000),
      platformBuildVersionCode: 27,
    };
    expect(readFrom(element("manifest", older)).manifest).toMatchObject({
      versionName: "Label",
      compileSdkVersion: 27,
    });
    const newer = {
      package: "org.example",
      versionName: "1.0",
      compileSdkVersion: 35,
      platformBuildVersionCode: 27,
    };
    expect(readFrom(element("manifest", newer)).manifest).toMatchObject({
      versionName: "1.0",
      compileSdkVersion: 35,
    });
  });

  test("splits", () => {
    const configuration = { package: "org.example", split: "config.de", configForSplit: "" };
    expect(readFrom(element("manifest", configuration)).manifest).toMatchObject({
      split: "config.de",
      configForSplit: "",
    });
    const feature = { package: "org.example", split: "maps", isFeatureSplit: true };
    expect(readFrom(element("manifest", feature)).manifest).toMatchObject({
      split: "maps",
      isFeatureSplit: true,
    });
  });
});

describe("<uses-sdk>", () => {
  test.each([
    [{ minSdkVersion: 21 }, [21, 21, undefined]],
    [{ targetSdkVersion: 30 }, [1, 30, undefined]],
    [{ minSdkVersion: 21, targetSdkVersion: 30, maxSdkVersion: 33 }, [21, 30, 33]],
    [{ minSdkVersion: "S", targetSdkVersion: "Tiramisu" }, ["S", "Tiramisu", undefined]],
  ])("%j", (attributes, [minSdkVersion, targetSdkVersion, maxSdkVersion]) => {
    const { usesSdk } = read(element("uses-sdk", attributes)).manifest;
    expect(usesSdk).toEqual({ minSdkVersion, targetSdkVersion, maxSdkVersion });
  });

  test("the last of several counts, and with all it leaves out", () => {
    const first = element("uses-sdk", { minSdkVersion: 9, targetSdkVersion: 30 });
    const { manifest, diagnostics } = read(first, element("uses-sdk", { minSdkVersion: 10 }));
    expect(manifest.usesSdk).toMatchObject({ minSdkVersion: 10, targetSdkVersion: 10 });
    expect(diagnostics).toMatchObject([{ effect: "odd", code: "duplicate" }]);
  });

  test("a codename compares as newer than every level", () => {
    expect(toApiLevel("Baklava")).toBeGreaterThan(toApiLevel(99));
  });
});

describe("<uses-permission>", () => {
  const CAMERA = "android.permission.CAMERA";

  test("its limits and flags", () => {
    const attributes = { name: CAMERA, maxSdkVersion: 30, usesPermissionFlags: 0x10000 };
    expect(read(element("uses-permission", attributes)).manifest.usesPermissions).toEqual([
      {
        name: CAMERA,
        maxSdkVersion: 30,
        minSdkVersion: undefined,
        usesPermissionFlags: ["neverForLocation"],
        sdk23: false,
      },
    ]);
  });

  test.each(["uses-permission-sdk-23", "uses-permission-sdk-m"])("<%s> is one of API level 23", (tag) => {
    expect(read(element(tag, { name: CAMERA })).manifest.usesPermissions).toMatchObject([
      { name: CAMERA, sdk23: true },
    ]);
  });

  test("declared twice, it holds where either does", () => {
    const { manifest, diagnostics } = read(
      element("uses-permission", { name: CAMERA, maxSdkVersion: 18 }),
      element("uses-permission-sdk-23", { name: CAMERA }),
    );
    expect(manifest.usesPermissions).toMatchObject([
      { name: CAMERA, maxSdkVersion: undefined, sdk23: false },
    ]);
    expect(diagnostics).toMatchObject([{ effect: "odd", code: "duplicate" }]);
  });

  test("declared twice with other flags, the first ones stay and the conflict is told", () => {
    const { manifest, diagnostics } = read(
      element("uses-permission", { name: CAMERA, usesPermissionFlags: 0x10000 }),
      element("uses-permission", { name: CAMERA }),
    );
    expect(manifest.usesPermissions).toMatchObject([{ usesPermissionFlags: ["neverForLocation"] }]);
    expect(diagnostics[0]?.message).toMatch(/Android refuses the app/);
  });

  test("a name by reference or none is ignored, as on a device", () => {
    const { manifest, diagnostics } = read(
      element("uses-permission", { name: reference(0x7f010000) }),
      element("uses-permission"),
    );
    expect(manifest.usesPermissions).toEqual([]);
    expect(diagnostics.map((diagnostic) => diagnostic.effect)).toEqual(["odd", "odd"]);
  });

  test("what is implied stays apart", () => {
    const { manifest } = read(
      element("uses-sdk", { targetSdkVersion: 34 }),
      element("uses-permission", { name: "android.permission.ACCESS_FINE_LOCATION" }),
    );
    expect(manifest.usesPermissions.map((permission) => permission.name)).toEqual([
      "android.permission.ACCESS_FINE_LOCATION",
    ]);
    expect(manifest.impliedPermissions).toMatchObject([
      {
        name: "android.permission.ACCESS_COARSE_LOCATION",
        impliedBy: "android.permission.ACCESS_FINE_LOCATION",
        because: "android.permission.ACCESS_FINE_LOCATION includes it",
      },
    ]);
  });
});

test.each([
  [0, "normal"],
  [1, "dangerous"],
  [2, "signature"],
  [3, "signatureOrSystem"],
  [4, "internal"],
  [0x12, "signature|privileged"],
  [0x62, "signature|development|appop"],
  [0x40000002, "signature|0x40000000"],
])("protectionLevel 0x%s is %s", (protectionLevel, text) => {
  const attributes = { name: "org.example.P", protectionLevel };
  expect(read(element("permission", attributes)).manifest.permissions).toEqual([
    { name: "org.example.P", protectionLevel: text, permissionGroup: undefined },
  ]);
});

test("features, libraries, queries, instrumentation", () => {
  const { manifest } = read(
    element("uses-feature", { name: "android.hardware.camera", required: false }),
    element("uses-feature", { glEsVersion: 0x30001 }),
    element(
      "queries",
      {},
      element("package", { name: "org.other" }),
      element("provider", { authorities: "one;two" }),
      element("intent", {}, element("action", { name: "VIEW" }), element("data", { scheme: "https" })),
    ),
    element("instrumentation", { name: "Tests", targetPackage: "org.other" }),
    element("permission-group", { name: "org.example.GROUP" }),
    element(
      "application",
      {},
      element("uses-library", { name: "org.apache.http.legacy", required: false }),
      element("uses-native-library", { name: "libx.so" }),
    ),
  );
  expect(manifest).toMatchObject({
    usesFeatures: [
      { name: "android.hardware.camera", required: false, glEsVersion: undefined },
      { name: undefined, required: true, glEsVersion: 0x30001 },
    ],
    usesLibraries: [
      { name: "org.apache.http.legacy", required: false, kind: "library" },
      { name: "libx.so", required: true, kind: "native-library" },
    ],
    queries: {
      packages: ["org.other"],
      providers: ["one", "two"],
      intents: [{ actions: ["VIEW"], data: [{ scheme: "https" }] }],
    },
    instrumentations: [{ name: "org.example.Tests", targetPackage: "org.other" }],
    permissionGroups: ["org.example.GROUP"],
  });
});

describe("<application>", () => {
  test("its attributes, names expanded and references resolved", () => {
    const application = element("application", {
      name: ".App",
      label: reference(0x7f010000),
      debuggable: true,
      allowBackup: reference(0x7f020000),
      usesCleartextTraffic: false,
      networkSecurityConfig: reference(0x7f030000),
      backupAgent: "Agent",
      appComponentFactory: "androidx.core.app.CoreComponentFactory",
      process: ":main",
    });
    expect(read(application).manifest.application).toMatchObject({
      name: "org.example.App",
      label: "Label",
      debuggable: true,
      allowBackup: false,
      usesCleartextTraffic: false,
      networkSecurityConfig: { id: 0x7f030000, value: "res/xml/config.xml" },
      backupAgent: "org.example.Agent",
      appComponentFactory: "androidx.core.app.CoreComponentFactory",
      process: "org.example:main",
    });
  });

  test("its defaults", () => {
    expect(read(element("application")).manifest.application).toMatchObject({
      name: undefined,
      enabled: true,
      debuggable: false,
      allowBackup: true,
      usesCleartextTraffic: undefined,
      process: "org.example",
    });
  });

  test("the first of several counts", () => {
    const { manifest, diagnostics } = read(
      element("application", { label: "first" }, element("activity", { name: ".A" })),
      element("application", { label: "second" }, element("activity", { name: ".B" })),
    );
    expect(manifest.application?.label).toBe("first");
    expect(manifest.activities.map((activity) => activity.name)).toEqual(["org.example.A"]);
    expect(diagnostics).toMatchObject([{ effect: "odd", code: "duplicate" }]);
  });
});

describe("components", () => {
  test.each([
    [".Foo", "org.example.Foo"],
    ["Foo", "org.example.Foo"],
    ["org.other.Foo", "org.other.Foo"],
    [".sub.Foo", "org.example.sub.Foo"],
    ["Outer$Inner", "org.example.Outer$Inner"],
  ])("the name %s is %s", (name, expanded) => {
    expect(readApplication(34, element("service", { name })).manifest.services[0]?.name).toBe(expanded);
  });

  const filter = element("intent-filter", {}, element("action", { name: "GO" }));

  test("exported: as declared, else by intent filters; providers by target", () => {
    const exportedOf = (target: number, tag: string, attributes: Attributes, ...children: AxmlElement[]) => {
      const { manifest } = readApplication(target, element(tag, { name: "X", ...attributes }, ...children));
      const [component] = [
        ...manifest.activities,
        ...manifest.services,
        ...manifest.receivers,
        ...manifest.providers,
      ];
      return `${component?.exported} ${component?.exportedBy}`;
    };
    for (const tag of ["activity", "activity-alias", "receiver", "service"]) {
      expect(exportedOf(30, tag, {}), tag).toBe("false default");
      expect(exportedOf(30, tag, {}, filter), tag).toBe("true default");
      expect(exportedOf(30, tag, { exported: false }, filter), tag).toBe("false declared");
    }
    expect(exportedOf(16, "provider", {})).toBe("true default");
    expect(exportedOf(17, "provider", {})).toBe("false default");
    expect(exportedOf(17, "provider", {}, filter)).toBe("false default");
    expect(exportedOf(16, "provider", { exported: false })).toBe("false declared");
  });

  test("enabled, permission and process, with what they take from the application", () => {
    const { manifest } = read(
      element(
        "application",
        { permission: "org.example.APP", process: "org.example.main" },
        element("service", { name: "A" }),
        element("service", { name: "B", enabled: false, permission: "org.example.OWN", process: ":b" }),
      ),
    );
    expect(manifest.services).toMatchObject([
      { enabled: true, permission: "org.example.APP", process: "org.example.main" },
      { enabled: false, permission: "org.example.OWN", process: "org.example:b" },
    ]);
  });

  test("intent filters and the launcher", () => {
    const launcher = element(
      "intent-filter",
      {},
      element("action", { name: "android.intent.action.MAIN" }),
      element("category", { name: "android.intent.category.LAUNCHER" }),
    );
    const view = element(
      "intent-filter",
      { priority: 5, autoVerify: true },
      element("action", { name: "VIEW" }),
      element("data", { scheme: "https", host: "example.org" }),
      element("data", { pathPrefix: "/a" }),
    );
    const { manifest } = readApplication(
      34,
      element("activity", { name: "A" }, launcher, view),
      element("activity-alias", { name: "Alias", targetActivity: ".A" }, launcher),
      element("activity", { name: "B" }, view),
    );
    expect(manifest.activities[0]?.intentFilters[1]).toEqual({
      actions: ["VIEW"],
      categories: [],
      data: [{ scheme: "https", host: "example.org" }, { pathPrefix: "/a" }],
      priority: 5,
      autoVerify: true,
    });
    expect(manifest.activities.map(isLauncherActivity)).toEqual([true, true, false]);
    expect(manifest.activities.map((activity) => activity.targetActivity)).toEqual([
      undefined,
      "org.example.A",
      undefined,
    ]);
  });

  test("providers", () => {
    const attributes = {
      name: "P",
      authorities: "a;b;",
      initOrder: 100,
      permission: "ALL",
      writePermission: "WRITE",
    };
    expect(readApplication(34, element("provider", attributes)).manifest.providers).toMatchObject([
      {
        authorities: ["a", "b"],
        initOrder: 100,
        permission: "ALL",
        readPermission: "ALL",
        writePermission: "WRITE",
      },
    ]);
  });

  test("foreground service types", () => {
    const attributes = { name: "S", foregroundServiceType: 0x48 | 0x40000000, isolatedProcess: true };
    expect(readApplication(34, element("service", attributes)).manifest.services).toMatchObject([
      { foregroundServiceTypes: ["location", "camera", "specialUse"], isolatedProcess: true },
    ]);
  });

  test("one without a name costs itself", () => {
    const { manifest, diagnostics } = readApplication(
      34,
      element("activity"),
      element("activity", { name: "A" }),
    );
    expect(manifest.activities.map((activity) => activity.name)).toEqual(["org.example.A"]);
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "bad-value" }]);
  });
});

describe("<meta-data>", () => {
  test.each<[AxmlAttribute["value"], string | number | boolean | undefined]>([
    ["text", "text"],
    [true, true],
    [-5, -5],
    [{ dataType: ResDataType.FLOAT, data: 0x3fc00000 }, 1.5],
    [{ dataType: ResDataType.FIRST_COLOR_INT, data: 0xff112233 }, 0xff112233 | 0],
    [reference(0x7f010000), "Label"],
    [reference(0x7f020000), false],
    [{ dataType: ResDataType.DIMENSION, data: 0x100 }, undefined],
  ])("value %j is %j", (value, expected) => {
    const { manifest } = read(element("application", {}, element("meta-data", { name: "key", value })));
    expect(manifest.application?.metaData).toEqual([{ name: "key", value: expected, resource: undefined }]);
  });

  test("android:resource hands over the id", () => {
    const attributes = { name: "key", resource: reference(0x7f030000) };
    const { manifest } = read(element("application", {}, element("meta-data", attributes)));
    expect(manifest.application?.metaData).toEqual([
      { name: "key", value: undefined, resource: { id: 0x7f030000, value: "res/xml/config.xml" } },
    ]);
  });

  test("<property> is kept apart", () => {
    const property = element("property", { name: "key", value: "v" });
    const { application } = read(element("application", {}, property)).manifest;
    expect([application?.metaData, application?.properties]).toMatchObject([
      [],
      [{ name: "key", value: "v" }],
    ]);
  });
});

describe("references that nothing resolves", () => {
  const root = element(
    "manifest",
    { package: "org.example" },
    element(
      "application",
      { label: reference(0x7f010000), icon: reference(0x7f030000) },
      element("receiver", { name: "R", enabled: reference(0x7f020000) }),
      element("provider", { name: "P", authorities: reference(0x7f010002) }),
    ),
  );

  test("are told where something hangs on them, and defaults apply", () => {
    const empty = readResourceTable(buildArsc([]), "resources.arsc", defaultLimits, []);
    const { manifest, diagnostics } = readFrom(root, { table: empty });
    expect(manifest.receivers).toMatchObject([{ enabled: true }]);
    expect(manifest.providers).toMatchObject([{ authorities: [] }]);
    expect(diagnostics.map((diagnostic) => [diagnostic.effect, diagnostic.code])).toEqual([
      ["unread", "missing-part"],
      ["unread", "missing-part"],
    ]);
    expect(diagnostics[0]?.message).toContain("<receiver>: android:enabled refers to 0x7f020000");
  });

  test("without any table it is the same", () => {
    const diagnostics: Diagnostics = [];
    readManifest(buildAxml(root), "AndroidManifest.xml", undefined, defaultLimits, diagnostics);
    expect(diagnostics).toHaveLength(2);
  });

  test("with the table there is nothing to tell", () => {
    const { manifest, diagnostics } = readFrom(root);
    expect(manifest.receivers).toMatchObject([{ enabled: false }]);
    expect(manifest.providers).toMatchObject([{ authorities: ["authority"] }]);
    expect(diagnostics).toEqual([]);
  });

  test("as many diagnostics as the limit, and one that says so", () => {
    const many = Array.from({ length: 50 }, () => element("activity"));
    const app = element("manifest", { package: "org.example" }, element("application", {}, ...many));
    const { diagnostics } = readFrom(app, { limits: { ...defaultLimits, diagnostics: 10 } });
    expect(diagnostics).toHaveLength(11);
    expect(diagnostics.at(-1)).toMatchObject({ effect: "unread", code: "limit" });
  });
});
