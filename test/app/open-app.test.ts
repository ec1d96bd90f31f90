import { describe, expect, test } from "vitest";
import { openApp } from "../../src/app/index.js";
import { bytesSource } from "../../src/archive/index.js";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";
import { buildApp, type ManifestShape } from "../support/app-builder.js";
import { buildZip } from "../support/zip-builder.js";

function openWith(files: Readonly<Record<string, string>>) {
  const diagnostics: Diagnostics = [];
  const bytes = buildApp({ manifest: {}, files });
  return {
    app: openApp(bytesSource("app.apk", bytes), defaultLimits, diagnostics),
    bytes,
    diagnostics,
  };
}

describe("the text of an entry", () => {
  /** Comments such as a build tool writes, then the version. */
  const comments = "# written by the build\n".repeat(360);

  test("of a properties file as large as they come is read to the end", () => {
    const text = `${comments}version=4.2.5\n`;
    expect(text.length).toBeGreaterThan(8 * 1024);
    const { app, diagnostics } = openWith({ "sdk.properties": text });
    expect(app.readText("sdk.properties")).toBe(text);
    expect(diagnostics).toEqual([]);
  });

  test("is read up to 64 KiB, and nothing of a larger one: that is no version file", () => {
    const { app, diagnostics } = openWith({
      "most.txt": "x".repeat(64 * 1024),
      "more.txt": "x".repeat(64 * 1024 + 1),
    });
    expect(app.readText("most.txt")).toHaveLength(64 * 1024);
    expect(app.readText("more.txt")).toBeUndefined();
    expect(diagnostics).toEqual([]);
  });

  test("is UTF-8, and may be empty or absent", () => {
    const { app } = openWith({ "name.txt": "Größe 4.2", "empty.txt": "" });
    expect(app.readText("name.txt")).toBe("Größe 4.2");
    expect(app.readText("empty.txt")).toBe("");
    expect(app.readText("absent.txt")).toBeUndefined();
  });

  test("that cannot be inflated is said to be unread", () => {
    const { bytes } = openWith({ "sdk.properties": comments });
    // Behind the name of the local file header: the first byte of the deflate stream.
    const name = Buffer.from(bytes).indexOf("sdk.properties");
    bytes.fill(0xff, name + "sdk.properties".length, name + "sdk.properties".length + 8);
    const diagnostics: Diagnostics = [];
    const app = openApp(bytesSource("app.apk", bytes), defaultLimits, diagnostics);
    expect(app.readText("sdk.properties")).toBeUndefined();
    expect(diagnostics).toMatchObject([{ effect: "unread", part: "sdk.properties" }]);
  });
});

test("native libraries and DEX files that Android does not load are code that is not read", () => {
  const hasOtherCode = (...names: string[]) =>
    openWith(Object.fromEntries(names.map((name) => [name, "code"]))).app.hasOtherCode;
  expect(hasOtherCode("classes.dex", "classes2.dex")).toBe(false);
  expect(hasOtherCode("classes.dex", "classes3.dex")).toBe(true); // nothing is loaded behind a gap
  expect(hasOtherCode("classes.dex", "assets/plugin.dex")).toBe(true);
  expect(hasOtherCode("classes.dex", "lib/arm64-v8a/libacme.so")).toBe(true);
  expect(hasOtherCode("classes.dex", "assets/notes.txt")).toBe(false);
});

test("an app whose manifest names components and that has no classes.dex is read in part only", () => {
  const diagnosticsOf = (manifest: ManifestShape, files: Readonly<Record<string, string>> = {}) => {
    const diagnostics: Diagnostics = [];
    openApp(bytesSource("app.apk", buildApp({ manifest, files })), defaultLimits, diagnostics);
    return diagnostics.map(({ effect, code, part }) => `${effect} ${code} ${part}`);
  };
  const services = ["com.acme.Upload"];
  expect(diagnosticsOf({ services })).toEqual(["unread missing-part classes.dex"]);
  expect(diagnosticsOf({ services }, { "classes.dex": "" })).not.toContain("unread missing-part classes.dex");
  expect(diagnosticsOf({ services, hasCode: false })).toEqual([]);
  expect(diagnosticsOf({})).toEqual([]);
});

test("a JAR without a manifest of its own is told by its classes", () => {
  const bytes = buildZip([{ name: "com/acme/Sdk.class", content: Buffer.from("class") }]);
  expect(() => openApp(bytesSource("sdk.jar", bytes), defaultLimits, [])).toThrow(/a Java archive \(JAR\)/);
});
