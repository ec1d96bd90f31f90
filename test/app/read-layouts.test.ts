import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openApp } from "../../src/app/index.js";
import { bytesSource } from "../../src/archive/index.js";
import type { Diagnostics } from "../../src/diagnostics/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { installed } from "../cli/run-bycatch.js";
import { readPrograms } from "../programs/read-program.js";
import { buildApp } from "../support/app-builder.js";
import { buildAxml } from "../support/axml-builder.js";

function readNames(bytes: Uint8Array) {
  const diagnostics: Diagnostics = [];
  const names = openApp(bytesSource("app.apk", bytes), defaultLimits, diagnostics).readLayoutNames();
  return { ...names, diagnostics };
}

test("a layout names the method that a click calls", () => {
  const { apk } = readPrograms().find(({ name }) => name === "callbacks/click-in-layout")!;
  expect(readNames(new Uint8Array(readFileSync(apk)))).toEqual({
    classes: [],
    clickMethods: ["send"],
    diagnostics: [],
  });
});

test("views and fragments are classes of the app's, wherever below res their file lies", () => {
  const layout = buildAxml({
    name: "org.acme.BigView",
    attributes: [],
    children: [
      { name: "LinearLayout", attributes: [], children: [{ name: "org.acme.Dial", attributes: [] }] },
      { name: "view", attributes: [{ plain: "class", value: "org.acme.Named" }] },
    ],
  });
  const manifest = { activities: ["org.acme.Main"] };
  const files = { "res/a1.xml": layout, "res/raw/text.xml": "<org.acme.Text/>", "assets/b.xml": layout };
  expect(readNames(buildApp({ manifest, files })).classes).toEqual([
    "org.acme.BigView",
    "org.acme.Dial",
    "org.acme.Named",
  ]);
});

test("a spoilt layout costs itself, and is told", () => {
  const layout = buildAxml({ name: "org.acme.BigView", attributes: [] });
  const cut = layout.slice(0, 20);
  const files = { "res/a.xml": cut, "res/b.xml": layout };
  const { classes, diagnostics } = readNames(buildApp({ manifest: {}, files }));
  expect(classes).toEqual(["org.acme.BigView"]);
  expect(diagnostics.filter(({ part }) => part === "res/a.xml")).toMatchObject([{ effect: "unread" }]);
});

test("a real app's layouts name real views", () => {
  const path = installed("android-apidemos/apks/ApiDemos-debug.apk");
  const { classes, clickMethods } = readNames(new Uint8Array(readFileSync(path)));
  const own = classes.filter((name) => name.startsWith("io.appium.android.apis."));
  expect(own.length).toBeGreaterThan(0);
  expect(clickMethods.length).toBeGreaterThan(0);
});
