import { expect, test } from "vitest";
import { findImpliedPermissions } from "../../src/manifest/implied-permissions.js";
import type { UsesPermission } from "../../src/manifest/index.js";

function uses(name: string, rest: Partial<UsesPermission> = {}): UsesPermission {
  return {
    name: `android.permission.${name}`,
    maxSdkVersion: undefined,
    minSdkVersion: undefined,
    usesPermissionFlags: [],
    sdk23: false,
    ...rest,
  };
}

/** `NAME since-max <- BY`, without the common prefix. */
function implied(target: number | string, ...permissions: UsesPermission[]): string[] {
  const usesSdk = { minSdkVersion: 1, targetSdkVersion: target, maxSdkVersion: undefined };
  return findImpliedPermissions(permissions, usesSdk).map(
    ({ name, impliedBy, sinceSdkVersion, maxSdkVersion }) =>
      `${name} ${sinceSdkVersion}-${maxSdkVersion ?? ""} <- ${impliedBy ?? "target"}`.replaceAll(
        "android.permission.",
        "",
      ),
  );
}

test("fine location includes the coarse one, and for old targets the background", () => {
  expect(implied(34, uses("ACCESS_FINE_LOCATION"))).toEqual([
    "ACCESS_COARSE_LOCATION 1- <- ACCESS_FINE_LOCATION",
  ]);
  expect(implied(28, uses("ACCESS_FINE_LOCATION"))).toEqual([
    "ACCESS_COARSE_LOCATION 1- <- ACCESS_FINE_LOCATION",
    "ACCESS_BACKGROUND_LOCATION 29- <- ACCESS_FINE_LOCATION",
    "ACCESS_BACKGROUND_LOCATION 29- <- ACCESS_COARSE_LOCATION",
  ]);
});

test("what the app asks for itself is not implied", () => {
  expect(implied(34, uses("ACCESS_FINE_LOCATION"), uses("ACCESS_COARSE_LOCATION"))).toEqual([]);
});

test("targets below 4 have what everyone had, with all that came of it", () => {
  const names = implied(3).map((line) => line.split(" ")[0]);
  expect(names.slice(0, 3)).toEqual(["WRITE_EXTERNAL_STORAGE", "READ_PHONE_STATE", "READ_EXTERNAL_STORAGE"]);
  expect(names).toContain("READ_MEDIA_IMAGES");
  expect(implied(4)).toEqual([]);
});

test.each([
  ["READ_CONTACTS", "READ_CALL_LOG", 16],
  ["WRITE_CONTACTS", "WRITE_CALL_LOG", 16],
  ["ACCESS_COARSE_LOCATION", "ACCESS_BACKGROUND_LOCATION", 29],
  ["READ_EXTERNAL_STORAGE", "ACCESS_MEDIA_LOCATION", 29],
  ["BLUETOOTH", "BLUETOOTH_SCAN", 31],
  ["BLUETOOTH_ADMIN", "BLUETOOTH_ADVERTISE", 31],
  ["BODY_SENSORS", "BODY_SENSORS_BACKGROUND", 33],
  ["READ_EXTERNAL_STORAGE", "READ_MEDIA_AUDIO", 33],
])("%s brings %s to targets below %i", (name, brought, target) => {
  const line = `${brought} ${target}- <- ${name}`;
  expect(implied(target - 1, uses(name))).toContain(line);
  expect(implied(target, uses(name))).not.toContain(line);
});

test("a limit in API levels passes on", () => {
  expect(implied(34, uses("WRITE_EXTERNAL_STORAGE", { maxSdkVersion: 28 }))).toEqual([
    "READ_EXTERNAL_STORAGE 16-28 <- WRITE_EXTERNAL_STORAGE",
  ]);
  // No device up to API level 15 knows the permission that it would bring.
  expect(implied(34, uses("WRITE_EXTERNAL_STORAGE", { maxSdkVersion: 15 }))).toEqual([]);
});

test("what is asked for up to a level only is implied beyond it", () => {
  const read = uses("READ_EXTERNAL_STORAGE", { maxSdkVersion: 18 });
  expect(implied(34, read, uses("WRITE_EXTERNAL_STORAGE"))).toEqual([
    "READ_EXTERNAL_STORAGE 16- <- WRITE_EXTERNAL_STORAGE",
  ]);
});

test("a permission of API level 23 brings nothing before", () => {
  expect(implied(34, uses("ACCESS_FINE_LOCATION", { sdk23: true }))).toEqual([
    "ACCESS_COARSE_LOCATION 23- <- ACCESS_FINE_LOCATION",
  ]);
});

test("a codename is newer than every released platform", () => {
  expect(implied("VanillaIceCream", uses("BLUETOOTH"))).toEqual([]);
});

test("each says why", () => {
  const usesSdk = { minSdkVersion: 1, targetSdkVersion: 30, maxSdkVersion: undefined };
  const because = findImpliedPermissions([uses("BLUETOOTH")], usesSdk)[0]?.because;
  expect(because).toBe(
    "android.permission.BLUETOOTH included it for apps that target less than API level 31; this one targets 30",
  );
});
