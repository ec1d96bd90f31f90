import { describe, expect, test } from "vitest";
import { prepareRules } from "../../src/audit.js";
import { buildApp } from "../support/app-builder.js";
import { auditBytes, readFixtureDexFiles, readFixtureEntries } from "../support/fixture-apps.js";
import { apiRule, compileTinyRules, dataTypes, sdkRule, vendor } from "../support/tiny-rules.js";

const rules = prepareRules(
  compileTinyRules({
    "data-types.yaml": dataTypes("ids", "location", "messages", "contacts"),
    "vendors/acme.yaml": vendor("acme"),
    "acme.yaml": sdkRule("acme", [
      "class-prefix: Lcom/acme/base/",
      "string: android_id",
      "host: acme.example",
    ]),
    "ids.yaml": apiRule(
      "ids",
      "ids",
      `  - method: Landroid/provider/Settings$Secure;->getString(Landroid/content/ContentResolver;Ljava/lang/String;)Ljava/lang/String;
    argument: { index: 1, one-of: [android_id, bluetooth_name] }
  - field: Landroid/os/Build;->SERIAL:Ljava/lang/String;
  - method: Lcom/google/android/gms/ads/identifier/AdvertisingIdClient;->getAdvertisingIdInfo(*)*`,
    ),
    "location.yaml": apiRule(
      "location",
      "location",
      `  - method: Landroid/content/Context;->getSystemService(Ljava/lang/String;)Ljava/lang/Object;
    argument: { index: 0, one-of: [location] }
  - method: Landroid/location/LocationManager;->getLastKnownLocation(*)*`,
    ),
    "messages.yaml": apiRule(
      "messages",
      "messages",
      "  - override: Landroid/service/notification/NotificationListenerService;->onNotificationPosted(*)*",
    ),
    "contacts.yaml": apiRule("contacts", "contacts", '  - content-uri: "content://com.android.contacts"'),
  }),
);

function dexFilesOf(app: string): Uint8Array[] {
  return readFixtureEntries(app)
    .filter(({ name }) => name.endsWith(".dex"))
    .map(({ content }) => content);
}

/** An app in which one DEX file has other bytes at some places. */
function buildBroken(
  dexFiles: readonly Uint8Array[],
  broken: number,
  bytes: Readonly<Record<number, number>>,
): Uint8Array {
  const copies = dexFiles.map((dex, index) => (index === broken ? Uint8Array.from(dex) : dex));
  for (const [at, value] of Object.entries(bytes)) copies[broken]![Number(at)] = value;
  return buildApp({ manifest: {}, dexFiles: copies });
}

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("an app whose DEX file is spoilt is audited to the end", () => {
  const apps = { tracker: dexFilesOf("tracker"), "multi-dex": dexFilesOf("multi-dex") };

  test.each(Object.entries(apps))("%s, one byte", async (name, dexFiles) => {
    const random = seededRandom(1);
    for (const [broken, dex] of dexFiles.entries()) {
      for (let at = 0; at < dex.length; at += 1 + Math.floor(random() * 24)) {
        const value = dex[at]! ^ (1 + Math.floor(random() * 255));
        const audited = auditBytes("broken.apk", buildBroken(dexFiles, broken, { [at]: value }), rules);
        await expect(audited, `${name} ${broken}@${at} = ${value}`).resolves.toHaveProperty("findings");
      }
    }
  });

  test.each(Object.entries(apps))("%s, many bytes", async (name, dexFiles) => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = seededRandom(seed);
      const broken = Math.floor(random() * dexFiles.length);
      const bytes: Record<number, number> = {};
      // The header stays: behind it lies what later stages read.
      for (let i = 0; i < 20; i++) {
        bytes[0x70 + Math.floor(random() * (dexFiles[broken]!.length - 0x70))] = Math.floor(random() * 256);
      }
      const audited = auditBytes("broken.apk", buildBroken(dexFiles, broken, bytes), rules);
      await expect(audited, `${name}, seed ${seed}`).resolves.toHaveProperty("findings");
    }
  });
});

describe("a name that cannot be read costs itself", () => {
  test("the caller's: what was seen there stays", async () => {
    const [bytes] = dexFilesOf("tracker");
    const [dex] = readFixtureDexFiles("tracker");
    const methods = [...Array(dex!.methodIdsSize).keys()];
    const serial = methods.find((index) =>
      dex!.methodRef(index).startsWith("Lcom/acme/tracker/Reads;->serial("),
    )!;
    const protoIdx = dex!.methodIds16.byteOffset - dex!.bytes.byteOffset + serial * 8 + 2;
    const broken = buildBroken([bytes!], 0, { [protoIdx]: 0xff, [protoIdx + 1]: 0xff });
    const result = await auditBytes("broken.apk", broken, rules);
    const access = result.accesses.find(({ api }) => api.includes("SERIAL"));
    expect(access?.evidence.map(({ caller }) => caller)).toContain(`method@${serial.toString(16)}`);
  });

  test("a class's: it is said, for what it may hide", async () => {
    const [bytes] = dexFilesOf("tracker");
    const [dex] = readFixtureDexFiles("tracker");
    const typeIdx = dex!.classDef(0).classIdx;
    const nameOff = dex!.stringIds.byteOffset - dex!.bytes.byteOffset + dex!.typeIds[typeIdx]! * 4;
    const broken = buildBroken([bytes!], 0, { [nameOff + 3]: 0x7f });
    const { coverage, diagnostics } = await auditBytes("broken.apk", broken, rules);
    expect(coverage.unread).toContain("classes.dex");
    expect(diagnostics.map(({ effect, part }) => [effect, part])).toContainEqual(["unread", "classes.dex"]);
  });

  test("the called method's: it is said, once, and the rest is read", async () => {
    const [bytes] = dexFilesOf("tracker");
    const [dex] = readFixtureDexFiles("tracker");
    const methods = [...Array(dex!.methodIdsSize).keys()];
    // Called with constants, by a name that no rule asks for: its prototype is first needed by the search.
    const forName = methods.find((index) => dex!.methodRef(index).startsWith("Ljava/lang/Class;->forName("))!;
    const protoIdx = dex!.methodIds16.byteOffset - dex!.bytes.byteOffset + forName * 8 + 2;
    const broken = buildBroken([bytes!], 0, { [protoIdx]: 0xff, [protoIdx + 1]: 0xff });
    const result = await auditBytes("broken.apk", broken, rules);
    expect(result.diagnostics.map(({ effect, code, part }) => [effect, code, part])).toEqual([
      ["unread", "bad-offset", "classes.dex"],
    ]);
    expect(result.accesses.map(({ yields }) => yields)).toContain("contacts");
    expect(result.accesses.map(({ yields }) => yields)).toContain("location");
  });
});
