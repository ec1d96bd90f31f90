import { describe, expect, test } from "vitest";
import { readDexFiles } from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";
import { type AskedMember, ClassHierarchy, isPlatformClass } from "../../src/program/index.js";
import { platformSuperclasses } from "../../src/program/platform-classes.js";
import { buildDex, type ClassSpec, type MethodSpec } from "../support/dex-builder.js";
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

  test.each([
    ["Lcom/acme/leaf/Leaf;", true],
    ["Lcom/acme/base/Base;", true],
    ["Landroid/content/ContextWrapper;", true],
    ["Landroid/content/Context;", true],
    ["Lcom/acme/leaf/GuardedLeaf;", false],
    ["Landroid/app/Activity;", false],
  ])("knows whether a class is %s or below it, through files and into the platform", (ancestor, expected) => {
    expect(hierarchy.inheritsFrom("Lcom/acme/leaf/Leaf;", ancestor)).toBe(expected);
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

/** A hierarchy of classes written down. */
function hierarchyOf(classes: readonly ClassSpec[], limits = defaultLimits) {
  const diagnostics: Diagnostics = [];
  const { bytes } = buildDex([{ classes }]);
  const dexFiles = readDexFiles(bytes, "classes.dex", limits, diagnostics);
  return { hierarchy: new ClassHierarchy(dexFiles, limits, diagnostics), diagnostics };
}

const askedOf = (...classes: readonly string[]): AskedMember[] =>
  classes.map((classDescriptor, index) => ({ classDescriptor, descriptor: "()V", target: index + 1 }));

describe("members inherited through interfaces", () => {
  const m: MethodSpec = { name: "m" };
  const { hierarchy, diagnostics } = hierarchyOf([
    { descriptor: "Lt/Face;", interfaces: ["Lx/Asked;"] },
    { descriptor: "Lt/Twin;", interfaces: ["Lx/AskedToo;"] },
    { descriptor: "Lt/Base;", interfaces: ["Lt/Face;"] },
    { descriptor: "Lt/Leaf;", superclass: "Lt/Base;" },
    { descriptor: "Lt/Nearer;", superclass: "Lt/Base;", interfaces: ["Lt/Twin;"] },
    { descriptor: "Lt/Own;", superclass: "Lt/Base;", methods: [m] },
    { descriptor: "Lt/BelowOwn;", superclass: "Lt/Own;" },
    { descriptor: "Lt/Overload;", superclass: "Lt/Base;", methods: [{ ...m, parameters: ["I"] }] },
    { descriptor: "Lt/Both;", superclass: "Lx/AskedClass;", interfaces: ["Lx/Asked;"] },
    { descriptor: "Lt/Round;", superclass: "Lt/Trip;", interfaces: ["Lt/Round;"] },
    { descriptor: "Lt/Trip;", superclass: "Lt/Round;" },
  ]);
  const asked = askedOf("Lx/Asked;", "Lx/AskedToo;", "Lx/AskedClass;");

  test.each([
    ["the interface itself", "Lx/Asked;", 1],
    ["an interface that extends it", "Lt/Face;", 1],
    ["a class that implements that one", "Lt/Base;", 1],
    ["a class below", "Lt/Leaf;", 1],
    ["a class with a nearer interface of its own", "Lt/Nearer;", 2],
    ["a class that defines the method", "Lt/Own;", undefined],
    ["a class below one that defines it", "Lt/BelowOwn;", undefined],
    ["a class that defines another overload", "Lt/Overload;", 1],
    ["a class whose superclass has it too", "Lt/Both;", 3],
    ["classes that are one another's superclass", "Lt/Round;", undefined],
  ])("%s", (_, descriptor, target) => {
    const resolveOnce = () => hierarchy.resolveMember(descriptor, "m", "()V", asked)?.target;
    expect(resolveOnce()).toBe(target);
    // The answers kept on the way are the answers.
    expect(resolveOnce()).toBe(target);
    expect(diagnostics).toEqual([]);
  });

  test("answers to one question are none to another", () => {
    const resolveFor = (name: string, proto: string, members: readonly AskedMember[]) =>
      hierarchy.resolveMember("Lt/Own;", name, proto, members)?.classDescriptor;
    expect(resolveFor("m", "()V", asked)).toBeUndefined();
    expect(resolveFor("n", "()V", asked)).toBe("Lx/Asked;");
    expect(resolveFor("m", "(J)V", asked)).toBe("Lx/Asked;");
    expect(resolveFor("m", "(J)V", askedOf("Lx/AskedToo;"))).toBeUndefined();
  });

  test.each([
    ["Lt/Nearer;", true],
    ["Lt/Base;", true],
    ["Ljava/lang/Object;", true],
    ["Lt/Twin;", true],
    ["Lx/AskedToo;", true],
    ["Lt/Face;", true],
    ["Lx/Asked;", true],
    ["Lt/Leaf;", false],
    ["Lx/AskedClass;", false],
  ])("Lt/Nearer; and the class and interface %s", (ancestor, expected) => {
    const inheritsFrom = () => hierarchy.inheritsFrom("Lt/Nearer;", ancestor);
    expect(inheritsFrom()).toBe(expected);
    expect(inheritsFrom()).toBe(expected);
    // A class between that defines the method ends nothing here.
    expect(hierarchy.inheritsFrom("Lt/BelowOwn;", "Lx/Asked;")).toBe(true);
  });
});

describe("ancestors beyond the limit are not followed, and that is said once", () => {
  const limits = { ...defaultLimits, ancestors: 5 };
  const chain = (length: number, base: string): ClassSpec[] =>
    Array.from({ length }, (_, i) => ({
      descriptor: `Lt/C${i};`,
      superclass: i === 0 ? base : `Lt/C${i - 1};`,
    }));
  const faces = ["Lx/A;", "Lx/B;", "Lx/C;", "Lx/Asked;"];

  test("superclasses", () => {
    const { hierarchy, diagnostics } = hierarchyOf(chain(6, "Lx/Asked;"), limits);
    const resolveOn = (number: number) =>
      hierarchy.resolveMember(`Lt/C${number};`, "m", "()V", askedOf("Lx/Asked;"))?.target;
    expect(resolveOn(3)).toBe(1);
    expect(diagnostics).toEqual([]);
    // Also where the answer of the superclass is known.
    expect([resolveOn(4), resolveOn(5)]).toEqual([undefined, undefined]);
    const inheritsFrom = (ancestor: string) => hierarchy.inheritsFrom("Lt/C5;", ancestor);
    expect([inheritsFrom("Lt/C1;"), inheritsFrom("Lt/C0;")]).toEqual([true, false]);
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "limit", part: "classes.dex" }]);
    expect(diagnostics[0]!.message).toContain("Lt/C4;: more than 5 ancestors");
  });

  test.each([
    ["few enough", ["Lx/A;", "Lx/B;", "Lx/Asked;"], 1],
    ["too many", faces, undefined],
    ["the same ones again and again", ["Lx/Asked;", "Lx/Asked;", "Lx/Asked;", "Lx/Asked;"], undefined],
  ])("interfaces: %s", (_, interfaces, target) => {
    const { hierarchy, diagnostics } = hierarchyOf([{ descriptor: "Lt/A;", interfaces }], limits);
    expect(hierarchy.resolveMember("Lt/A;", "m", "()V", askedOf("Lx/Asked;"))?.target).toBe(target);
    expect(diagnostics).toHaveLength(target === undefined ? 1 : 0);
  });
});

test("overloads of endless descriptors are compared up to a bound, and that is said", () => {
  const long = `L${"x".repeat(65_000)};`;
  const methods = Array.from({ length: 300 }, (_, i) => ({
    name: "m",
    parameters: [long, ...Array(i % 150).fill("I"), ...(i < 150 ? [] : ["J"])],
  }));
  const { hierarchy, diagnostics } = hierarchyOf([
    { descriptor: "Lt/A;", superclass: "Lx/Asked;", methods },
    { descriptor: "Lt/B;", superclass: "Lt/A;" },
  ]);
  const resolveOn = (descriptor: string) =>
    hierarchy.resolveMember(descriptor, "m", "()V", askedOf("Lx/Asked;"))?.target;
  expect([resolveOn("Lt/A;"), resolveOn("Lt/B;")]).toEqual([1, 1]);
  expect(diagnostics).toMatchObject([{ effect: "unread", code: "limit", part: "classes.dex" }]);
});

test("a platform class resolves through the platform classes that are known", () => {
  const hierarchy = new ClassHierarchy([], defaultLimits, []);
  expect(resolve(hierarchy, "Landroid/app/Activity;")).toBe(7);
  expect(resolve(hierarchy, "Landroid/preference/PreferenceActivity;")).toBe(7);
  expect(resolve(hierarchy, "Landroid/view/View;")).toBeUndefined();
});

// As developer.android.com/reference has them; a line is a class's superclasses, nearest first.
test.each([
  "android.app.Application < android.content.ContextWrapper < android.content.Context",
  "android.content.MutableContextWrapper < android.content.ContextWrapper",
  "android.app.Activity < android.view.ContextThemeWrapper < android.content.ContextWrapper",
  "android.app.TabActivity < android.app.ActivityGroup < android.app.Activity",
  "android.app.AliasActivity < android.app.Activity",
  "android.app.ExpandableListActivity < android.app.Activity",
  "android.app.LauncherActivity < android.app.ListActivity < android.app.Activity",
  "android.app.NativeActivity < android.app.Activity",
  "android.accounts.AccountAuthenticatorActivity < android.app.Activity",
  "android.preference.PreferenceActivity < android.app.ListActivity",
  "android.app.IntentService < android.app.Service < android.content.ContextWrapper",
  "android.app.job.JobService < android.app.Service",
  "android.accessibilityservice.AccessibilityService < android.app.Service",
  "android.inputmethodservice.InputMethodService < android.inputmethodservice.AbstractInputMethodService < android.app.Service",
  "android.net.VpnService < android.app.Service",
  "android.service.notification.NotificationListenerService < android.app.Service",
  "android.service.wallpaper.WallpaperService < android.app.Service",
  "android.speech.RecognitionService < android.app.Service",
  "android.telecom.CallScreeningService < android.app.Service",
  "android.telecom.ConnectionService < android.app.Service",
  "android.telecom.InCallService < android.app.Service",
  "android.webkit.WebView < android.widget.AbsoluteLayout",
  "android.telephony.gsm.GsmCellLocation < android.telephony.CellLocation",
  "android.telephony.cdma.CdmaCellLocation < android.telephony.CellLocation",
])("%s", (line) => {
  const classes = line.split(" < ").map((name) => `L${name.replaceAll(".", "/")};`);
  const superclasses = classes.slice(0, -1).map((descriptor) => platformSuperclasses.get(descriptor));
  expect(superclasses).toEqual(classes.slice(1));
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
