import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/findings/index.js";
import { renderTerminal } from "../../src/report/render-terminal.js";
import { renderMarkdown } from "../../src/report/result-formats.js";
import { hostileText } from "../support/hostile-text.js";
import { buildResult, call, party } from "../support/result-builder.js";

const LOG = "Lcom/acme/Sdk;->logEvent(Ljava/lang/String;)V";
const CALLER = "Lorg/app/Main;->run()V";

function build(events: readonly string[]): AuditResult {
  return {
    ...buildResult({ parties: [party("acme", "Acme Analytics")] }),
    handOvers: [
      {
        party: "acme",
        api: LOG,
        caller: CALLER,
        confidence: "likely",
        callSites: 7,
        dataTypes: ["app-interactions"],
        events,
        properties: ["plan"],
        evidence: [call(LOG, CALLER, { codeUnit: 31 })],
      },
    ],
    blindSpots: [
      { party: "acme", kind: "native-library", sites: 2, names: ["acme-core"], evidence: [] },
      { party: "acme", kind: "reflection", sites: 1234, names: [], evidence: [] },
    ],
  };
}
const render = (result: AuditResult, detail: "normal" | "verbose") =>
  renderTerminal(result, { color: false, width: 200, detail });

describe("in the terminal", () => {
  test("a receiver has its data types, methods, events and properties on a line", () => {
    const text = render(build(["login", "purchase"]), "normal");
    expect(text).toContain("Handed over by the app's own code");
    expect(text).toMatch(
      /Acme Analytics +app-interactions: Sdk\.logEvent; events login, purchase; properties plan\n/,
    );
    expect(text).not.toContain("org.app.Main");
    expect(text).toContain("names looked up at run time 1234, native libraries loaded 2");
  });

  test("of many events some are shown, and the others are counted", () => {
    expect(render(build(["a", "b", "c", "d", "e", "f", "g", "h"]), "normal")).toContain(
      "events a, b, c, d, e, f +2",
    );
  });

  test("all is told with its places, and by party", () => {
    const text = render(build(["login"]), "verbose");
    expect(text).toMatch(/com\.acme\.Sdk\.logEvent {2}app-interactions, login, plan {2}likely\n/);
    expect(text).toContain("org.app.Main.run  classes.dex 0x1f");
    expect(text).toContain("and 6 more");
    expect(text).toMatch(/native libraries loaded +2 places: Acme Analytics 2 \(acme-core\)/);
  });

  test("there is no section where there is nothing", () => {
    const text = render(buildResult({ parties: [party("acme", "Acme Analytics")] }), "verbose");
    expect(text).not.toMatch(/Handed over|Not seen through/);
  });
});

test("in Markdown both are tables, folded up", () => {
  const page = renderMarkdown(build(["login"]));
  expect(page).toContain("<summary>Handed over by the app's own code (1)</summary>");
  expect(page).toContain("| Acme Analytics | app-interactions | `com.acme.Sdk.logEvent` | `login`, `plan` |");
  expect(page).toContain("| native libraries loaded | Acme Analytics | 2 | `acme-core` |");
});

test("no text of the app's reaches a terminal or a page as it is", () => {
  const result = build([hostileText]);
  const pages = [render(result, "normal"), render(result, "verbose"), renderMarkdown(result)];
  for (const page of pages) expect(page.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
});
