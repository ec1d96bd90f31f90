import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { ClassHierarchy, isPlatformClass } from "../../src/program/index.js";
import { readFixtureDexFiles } from "../support/fixture-apps.js";

const PROTO = "(Ljava/lang/String;)Ljava/lang/Object;";
const asked = [{ classDescriptor: "Landroid/content/Context;", descriptor: PROTO, target: 7 }];
const resolve = (hierarchy: ClassHierarchy, descriptor: string, name = "getSystemService") =>
  hierarchy.resolveMember(descriptor, name, PROTO, asked)?.target;

describe("a class hierarchy over several DEX files", () => {
  const dexFiles = readFixtureDexFiles("multi-dex");
  const hierarchy = new ClassHierarchy(dexFiles, defaultLimits, []);

  test("finds each class in its file", () => {
    expect(hierarchy.find("Lcom/acme/base/Base;")?.dex.source).toBe("classes.dex");
    expect(hierarchy.find("Lcom/acme/leaf/Leaf;")?.dex.source).toBe("classes2.dex");
    expect(hierarchy.find("Lcom/acme/caller/Caller;")?.dex.source).toBe("classes3.dex");
  });

  test("does not find what is only referred to", () => {
    expect(dexFiles[0]!.findTypeIdx("Landroid/content/ContextWrapper;")).toBeDefined();
    expect(hierarchy.find("Landroid/content/ContextWrapper;")).toBeUndefined();
    expect(hierarchy.find("Lcom/acme/leaf/Lea;")).toBeUndefined();
  });

  test("takes the first of two classes of one name, as the runtime does", () => {
    expect(hierarchy.find("Lcom/doubled/Twice;")?.dex.source).toBe("classes.dex");
    const reversed = new ClassHierarchy([...dexFiles].reverse(), defaultLimits, []);
    expect(reversed.find("Lcom/doubled/Twice;")?.dex.source).toBe("classes2.dex");
  });

  test("knows the ancestors of a class through files and into the platform, the class first", () => {
    expect([...hierarchy.ancestorsOf("Lcom/acme/leaf/Leaf;")]).toEqual([
      "Lcom/acme/leaf/Leaf;",
      "Lcom/acme/base/Base;",
      "Landroid/content/ContextWrapper;",
      "Landroid/content/Context;",
    ]);
  });

  test("resolves an inherited method, and not one that a class between defines", () => {
    expect(resolve(hierarchy, "Lcom/acme/leaf/Leaf;")).toBe(7);
    expect(resolve(hierarchy, "Lcom/acme/leaf/GuardedLeaf;")).toBeUndefined();
    expect(resolve(hierarchy, "Lcom/acme/leaf/GuardedLeaf;", "otherMethod")).toBe(7);
  });

  test("resolves nothing on a class of which nothing is known", () => {
    expect(resolve(hierarchy, "Lorg/absent/Base;")).toBeUndefined();
  });
});

test("a platform class resolves through the platform classes that are known", () => {
  const hierarchy = new ClassHierarchy([], defaultLimits, []);
  expect(resolve(hierarchy, "Landroid/app/Activity;")).toBe(7);
  expect(resolve(hierarchy, "Landroid/preference/PreferenceActivity;")).toBe(7);
  expect(resolve(hierarchy, "Landroid/view/View;")).toBeUndefined();
});

test("platform classes are told by whole packages", () => {
  expect(
    ["Landroid/app/Activity;", "Ljava/lang/String;", "Ldalvik/system/DexFile;"].map(isPlatformClass),
  ).toEqual([true, true, true]);
  expect(
    ["Landroidx/core/App;", "Landroid/support/v4/App;", "Ljavax/inject/Inject;", "Lcom/android/App;"].map(
      isPlatformClass,
    ),
  ).toEqual([false, false, false, false]);
});
