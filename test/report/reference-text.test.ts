import { expect, test } from "vitest";
import { summarizePlace } from "../../src/report/evidence-text.js";
import { longReference, shortReference, sourceReference } from "../../src/report/reference-text.js";

test.each([
  ["Lcom/acme/Sdk;->start(I)V", "Sdk.start", "com.acme.Sdk.start"],
  [
    "Landroid/provider/Settings$Secure;->getString(La;Lb;)Lc;",
    "Settings.Secure.getString",
    "android.provider.Settings$Secure.getString",
  ],
  [
    'Landroid/provider/Settings$Secure;->getString(La;Lb;)Lc; "android_id"',
    'Settings.Secure.getString("android_id")',
    'android.provider.Settings$Secure.getString("android_id")',
  ],
  [
    'Landroid/content/Context;->getSystemService(La;)Lb; "Landroid/location/LocationManager;"',
    "Context.getSystemService(LocationManager.class)",
    "android.content.Context.getSystemService(android.location.LocationManager.class)",
  ],
  ["Landroid/os/Build;->SERIAL:Ljava/lang/String;", "Build.SERIAL", "android.os.Build.SERIAL"],
  ["Lcom/acme/Job$13;->run()[B", "Job$13.run", "com.acme.Job$13.run"],
  ["La;-><init>()V", "a.<init>", "a.<init>"],
  [
    "Landroid/content/pm/PackageManager;->getInstalledPackages(*)*",
    "PackageManager.getInstalledPackages",
    "android.content.pm.PackageManager.getInstalledPackages",
  ],
  ["Landroid/os/Build;->getSerial", "Build.getSerial", "android.os.Build.getSerial"],
  ["Lcom/acme/AdsClient;", "AdsClient.class", "com.acme.AdsClient.class"],
  [
    "content://com.android.contacts/data",
    "content://com.android.contacts/data",
    "content://com.android.contacts/data",
  ],
  ['Class.forName("com.acme.Sdk")', 'Class.forName("com.acme.Sdk")', 'Class.forName("com.acme.Sdk")'],
  ["", "", ""],
])("%s", (reference, short, long) => {
  expect(shortReference(reference)).toBe(short);
  expect(longReference(reference)).toBe(long);
});

test("where room is short, what is called outlasts who calls it", () => {
  const evidence = {
    kind: "method-call",
    entry: "classes.dex",
    value: "Landroid/location/LocationManager;->getLastKnownLocation(La;)Lb;",
    caller: "Lcom/acme/GeoLocator;->locate()V",
    codeUnit: 0,
  } as const;
  const at = (room: number) => summarizePlace(evidence, undefined, room);
  expect(at(60)).toBe("GeoLocator.locate -> LocationManager.getLastKnownLocation");
  expect(at(57)).toBe("GeoLocator.locate -> LocationManager.getLastKnownLocation");
  expect(at(56)).toBe("GeoLocator -> LocationManager.getLastKnownLocation");
  expect(at(49)).toBe("GeoLocat… -> LocationManager.getLastKnownLocation");
  expect(at(40)).toBe("LocationManager.getLastKnownLocation");
  expect(at(20)).toBe("LocationManager.get…");
});

test("a class in a class, as code has it; a class without a name as it is", () => {
  expect(sourceReference("Landroid/provider/Settings$Secure;->getString(La;)Lb;")).toBe(
    "android.provider.Settings.Secure.getString",
  );
  expect(sourceReference("Lcom/acme/Job$13;->run()V")).toBe("com.acme.Job$13.run");
});
