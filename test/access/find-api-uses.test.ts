import { describe, expect, test } from "vitest";
import { type ApiUse, buildApiQuery, findApiUses } from "../../src/access/index.js";
import {
  type DexFile,
  decodeInstruction,
  readCodeItem,
  renderInstruction,
  visitCode,
} from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits, type Limits } from "../../src/diagnostics/index.js";
import { ClassHierarchy, findReferences, PackageTable } from "../../src/program/index.js";
import { fixtureAppPath, readFixtureDexFiles } from "../support/fixture-apps.js";
import { readSmaliVerdicts } from "../support/smali-verdicts.js";
import { apiRule, dataTypes, indexTinyRules } from "../support/tiny-rules.js";

const GET_STRING =
  "Landroid/provider/Settings$Secure;->getString(Landroid/content/ContentResolver;Ljava/lang/String;)Ljava/lang/String;";

const rules = indexTinyRules({
  "data-types.yaml": dataTypes("ids", "location", "contacts", "messages"),
  "android-id.yaml": apiRule(
    "android-id",
    "ids",
    `  - { method: "${GET_STRING}", argument: { index: 1, one-of: [android_id] } }`,
  ),
  "device-name.yaml": apiRule(
    "device-name",
    "ids",
    `  - { method: "${GET_STRING}", argument: { index: 1, one-of: [bluetooth_name] } }`,
  ),
  "location-service.yaml": apiRule(
    "location-service",
    "location",
    `  - method: Landroid/content/Context;->getSystemService(Ljava/lang/String;)Ljava/lang/Object;
    argument: { index: 0, one-of: [location] }
    confidence: possible
  - method: Landroid/content/Context;->getSystemService(Ljava/lang/Class;)Ljava/lang/Object;
    argument: { index: 0, one-of: [Landroid/location/LocationManager;] }
    confidence: possible`,
  ),
  "fused-location.yaml": apiRule(
    "fused-location",
    "location",
    "  - method: Lcom/google/android/gms/location/FusedLocationProviderClient;->getLastLocation()Lcom/google/android/gms/tasks/Task;",
  ),
  "advertising-id.yaml": apiRule(
    "advertising-id",
    "ids",
    "  - method: Lcom/google/android/gms/ads/identifier/AdvertisingIdClient;->getAdvertisingIdInfo(Landroid/content/Context;)Lcom/google/android/gms/ads/identifier/AdvertisingIdClient$Info;",
  ),
  "device-serial.yaml": apiRule(
    "device-serial",
    "ids",
    "  - field: Landroid/os/Build;->SERIAL:Ljava/lang/String;",
  ),
  "contacts.yaml": apiRule(
    "contacts",
    "contacts",
    `  - { field: "Landroid/provider/ContactsContract$Contacts;->CONTENT_URI:Landroid/net/Uri;", confidence: likely }
  - { content-uri: "content://com.android.contacts", confidence: likely }`,
  ),
  "notifications.yaml": apiRule(
    "notifications",
    "messages",
    "  - override: Landroid/service/notification/NotificationListenerService;->onNotificationPosted(Landroid/service/notification/StatusBarNotification;)V",
  ),
});

interface Found {
  readonly uses: ApiUse[];
  readonly diagnostics: Diagnostics;
  readonly dexFiles: readonly DexFile[];
}

function findIn(app: string, limits: Limits = defaultLimits): Found {
  const diagnostics: Diagnostics = [];
  const dexFiles = readFixtureDexFiles(app);
  const asked = buildApiQuery(rules);
  const packages = new PackageTable();
  const code = dexFiles.map((dex) => findReferences(dex, asked.query, packages, diagnostics));
  const { apis } = findApiUses(
    code,
    asked,
    new ClassHierarchy(dexFiles, limits, diagnostics),
    limits,
    diagnostics,
  );
  return { uses: apis, diagnostics, dexFiles };
}

/** By method, in the order of the code: what is yielded, how, how surely. */
function describeUses(uses: readonly ApiUse[]): Map<string, string[]> {
  const rank = { certain: 0, likely: 1, possible: 2 };
  const byMethod = new Map<string, ApiUse[]>();
  for (const use of uses) {
    const caller = use.evidence().caller!;
    byMethod.set(caller, [...(byMethod.get(caller) ?? []), use]);
  }
  const described = [...byMethod]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([caller, found]): [string, string[]] => {
      const sorted = found.sort(
        (a, b) =>
          a.evidence().codeUnit! - b.evidence().codeUnit! || (a.asked.rule.id < b.asked.rule.id ? -1 : 1),
      );
      return [
        caller,
        sorted.map(({ asked, confidence, evidence }) => {
          const declared = asked.api.confidence ?? "certain";
          const least = rank[declared] > rank[confidence] ? declared : confidence;
          return `${asked.rule.id} ${evidence().kind} ${least}`;
        }),
      ];
    });
  return new Map(described);
}

describe("uses of APIs in fixtures/apps/tracker", () => {
  const found = findIn("tracker");
  const verdicts = readSmaliVerdicts(fixtureAppPath("tracker/smali"));

  test("are those that the comments in its code say, and no others", () => {
    const sorted = new Map([...verdicts].sort(([a], [b]) => (a < b ? -1 : 1)));
    expect(verdicts.size).toBeGreaterThan(30);
    expect(Object.fromEntries(describeUses(found.uses))).toEqual(Object.fromEntries(sorted));
    expect(found.diagnostics).toEqual([]);
  });

  test("stand at an instruction that says so", () => {
    const [dex] = found.dexFiles as [DexFile];
    for (const { evidence } of found.uses) {
      const { kind, caller, codeUnit, value } = evidence();
      if (kind === "override") continue;
      const text = renderAt(dex, caller!, codeUnit!);
      const expected = {
        "method-call": /^invoke-/,
        reflection: /^invoke-/,
        "field-read": /^sget-/,
        "content-uri": /^const-string/,
        "class-constant": /^const-class/,
      }[kind as string];
      expect(text, `${caller} ${codeUnit}`).toMatch(expected!);
      if (kind === "content-uri") expect(text).toContain(value);
      if (kind === "field-read") expect(text).toContain(value);
    }
  });
});

describe("across DEX files", () => {
  test("a member is inherited through classes of other files, unless one of them defines it", () => {
    const { uses } = findIn("multi-dex");
    expect(describeUses(uses).get("Lcom/acme/caller/Caller;->inherited(Lcom/acme/leaf/Leaf;)V")).toEqual([
      "location-service method-call possible",
    ]);
    expect([...describeUses(uses).keys()].filter((caller) => caller.includes("guarded"))).toEqual([]);
  });
});

test("a search that reaches its limit says so; what it had found by then stays", () => {
  const all = findIn("tracker");
  const { uses, diagnostics } = findIn("tracker", { ...defaultLimits, constantSearchSteps: 1 });
  const described = describeUses(uses);
  const complete = describeUses(all.uses);
  for (const [caller, found] of described) expect(complete.get(caller), caller).toEqual(found);
  expect(
    described.has(
      "Lcom/acme/tracker/Constants;->direct(Landroid/content/ContentResolver;)Ljava/lang/String;",
    ),
  ).toBe(true);
  expect(described.size).toBeLessThan(complete.size);
  expect(diagnostics.length).toBeGreaterThan(0);
  for (const { effect, code, part, message } of diagnostics) {
    expect([effect, code, part]).toEqual(["unread", "limit", "classes.dex"]);
    expect(message).toMatch(/^classes\.dex@0x[0-9a-f]+ code_item: .*constantSearchSteps/);
  }
});

/** The instruction at a place, as text. */
function renderAt(dex: DexFile, caller: string, codeUnit: number): string {
  let text = "";
  visitCode(
    dex,
    (methodIdx, _classDefIdx, codeOff) => {
      if (dex.methodRef(methodIdx) !== caller) return;
      text = renderInstruction(dex, decodeInstruction(dex, readCodeItem(dex, codeOff), codeUnit));
    },
    [],
  );
  return text;
}
