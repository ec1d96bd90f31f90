import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderFleetHtml } from "../../src/report/render-fleet.js";
import type { FleetSummary } from "../../src/store/index.js";
import { findChromium, startChromium } from "../support/chromium.js";
import { emptyFleet, exampleFleet, largestFleet, markTexts } from "./example-fleet.js";

/*
 * The page as a browser shows it: Debian's Chromium, from a file on disk.
 */

const TIMEOUT = 120_000;

const chromium = findChromium();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Breaks out of an element or an attribute where nothing keeps it in; tells by the title that it ran. */
const ATTACKS = [
  "</td></tr></table><script>document.title='ran'</script>",
  '"><img src=x onerror="document.title=\'ran\'">',
  "'><svg onload=document.title='ran'>",
  "</style><script>document.title='ran'</script>",
  "\u202e<a href=javascript:document.title='ran'>click</a>",
];

const OPEN_FOLDS = "for (const fold of document.querySelectorAll('details')) fold.open = true;";

test("in CI Chromium is installed", () => {
  expect(process.env.CI !== undefined && chromium === undefined, "CI without chromium opens no page").toBe(
    false,
  );
});

describe.skipIf(chromium === undefined)("in Chromium", { timeout: TIMEOUT }, () => {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-page-"));
  let browser: Browser;

  beforeAll(async () => {
    browser = await startChromium(chromium!);
  }, TIMEOUT);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a fleet's page from disk. */
  function open(summary: FleetSummary, options: BrowserContextOptions = {}) {
    return openPage(renderFleetHtml(summary), options);
  }

  /** Opens a page from disk; what it asks for and what it complains of is noted. */
  async function openPage(text: string, options: BrowserContextOptions = {}) {
    const file = join(folder, "fleet.html");
    writeFileSync(file, text);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const url = pathToFileURL(file).href;
    const trouble: string[] = [];
    page.on("request", (request) => {
      if (request.url() !== url && !request.url().startsWith("data:"))
        trouble.push(`asks for ${request.url()}`);
    });
    page.on("console", (message) => trouble.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => trouble.push(error.message));
    page.on("dialog", (dialog) => trouble.push(`dialog ${dialog.message()}`));
    await page.goto(url, { waitUntil: "load" });
    return { page, trouble, close: () => context.close() };
  }

  test("asks for nothing, and breaks nothing of its policy", async () => {
    for (const summary of [exampleFleet, emptyFleet, largestFleet("")]) {
      const { page, trouble, close } = await open(summary);
      await page.waitForTimeout(100);
      expect(trouble).toEqual([]);
      await close();
    }
  });

  test("text from an app does not run, and is there to be read", async () => {
    for (const attack of ATTACKS) {
      const { page, trouble, close } = await open(markTexts(exampleFleet, attack));
      await page.waitForTimeout(100);
      expect(await page.title()).toBe("Bycatch fleet report: 1,250 apps");
      expect(trouble).toEqual([]);
      expect(await page.locator("img, iframe, object, [onerror], [onload], script").count()).toBe(1);
      const seen = attack.replace("\u202e", "\\u{202e}");
      expect(await page.locator("#sdks tbody th").first().textContent()).toContain(seen.slice(0, 60));
      await close();
    }
  });

  test("a script that stood in it would not run", async () => {
    const broken = renderFleetHtml(exampleFleet).replace(
      "<main",
      "<script>document.title = 'ran'</script><main",
    );
    const { page, trouble, close } = await openPage(broken);
    expect(await page.title()).toBe("Bycatch fleet report: 1,250 apps");
    expect(trouble).toEqual([expect.stringContaining("Content Security Policy")]);
    await close();
  });

  const looks: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["narrow and light", { colorScheme: "light", viewport: { width: 390, height: 844 } }],
    ["narrow and dark", { colorScheme: "dark", viewport: { width: 390, height: 844 } }],
    ["forced colours", { forcedColors: "active" }],
  ];

  test.each(looks)("axe finds nothing: %s", async (_, options) => {
    // Axe is a script of ours that the page's policy would not let in.
    const { page, close } = await open(exampleFleet, { ...options, bypassCSP: true });
    await page.evaluate(OPEN_FOLDS);
    expect(await findViolations(page)).toEqual([]);
    await close();
  });

  test("axe finds nothing: where there is nothing to tell", async () => {
    const { page, close } = await open(emptyFleet, { bypassCSP: true });
    expect(await findViolations(page)).toEqual([]);
    await close();
  });

  test("axe finds nothing: without what the script adds", async () => {
    const bare = renderFleetHtml(exampleFleet).replace(/<script>[\s\S]*<\/script>/, "");
    const { page, close } = await openPage(bare, { bypassCSP: true });
    await page.evaluate(OPEN_FOLDS);
    expect(await page.locator("button").count()).toBe(0);
    expect(await findViolations(page)).toEqual([]);
    await close();
  });

  test("axe would find what is wrong", async () => {
    const { page, close } = await open(exampleFleet, { bypassCSP: true });
    await page.evaluate(
      "document.documentElement.removeAttribute('lang'); document.querySelector('h1').style.color = '#eeeeee';",
    );
    expect(await findViolations(page)).toEqual([
      expect.stringContaining("color-contrast"),
      expect.stringContaining("html-has-lang"),
    ]);
    await close();
  });

  test("is never wider than the screen", async () => {
    for (const width of [320, 390, 768, 1280, 1920]) {
      const { page, close } = await open(largestFleet("x".repeat(200)), {
        viewport: { width, height: 800 },
      });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      await close();
    }
  });

  test("without script all of it is there", async () => {
    const { page, close } = await open(exampleFleet, { javaScriptEnabled: false });
    const links = await page.locator("nav a").all();
    expect(links.length).toBeGreaterThan(8);
    for (const link of links) {
      const section = page.locator((await link.getAttribute("href"))!);
      expect(await section.locator("h2").isVisible()).toBe(true);
    }
    expect(await page.locator("button, input").count()).toBe(0);
    // What is folded opens without script.
    const folded = page.locator("#heat-permitted");
    expect(await folded.isVisible()).toBe(false);
    await page.getByText("Permitted, and no use seen").click();
    expect(await folded.isVisible()).toBe(true);
    await close();
  });

  test("a keyboard gets everywhere: first past the sections, then to what sorts", async () => {
    const { page, close } = await open(exampleFleet);
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("The words, one by one.");
    await page.keyboard.press("Tab"); // the table, which scrolls where it is narrow
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Status");
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    expect(outline).toBe("solid");
    await close();
  });

  test("headings sort by their column, and say so", async () => {
    const { page, close } = await open(exampleFleet);
    const table = page.locator("#sdks table").first();
    const button = table.getByRole("button", { name: "Apps", exact: true });
    const head = table.locator("thead th").filter({ hasText: /^Apps$/ });
    const first = () => table.locator("tbody th bdi").first().textContent();
    expect(await first()).toBe("Acme Analytics");
    await button.focus();
    await page.keyboard.press("Enter");
    expect(await head.getAttribute("aria-sort")).toBe("descending");
    expect(await first()).toBe("Acme Analytics");
    await page.keyboard.press("Space");
    expect(await head.getAttribute("aria-sort")).toBe("ascending");
    expect(await first()).toBe("An SDK of nobody");
    await table.getByRole("button", { name: "SDK", exact: true }).click();
    expect(await table.locator("[aria-sort]").count()).toBe(1);
    expect(await table.locator("tbody th").allTextContents()).toEqual([
      expect.stringContaining("Acme Analytics"),
      expect.stringContaining("An SDK of nobody"),
      expect.stringContaining("Torch Ads"),
    ]);
    await close();
  });

  test("a filter keeps the rows with a text in them, and says how many", async () => {
    const { page, close } = await open(largestFleet(""));
    const section = page.locator("#hosts");
    const field = section.getByLabel("Filter these 80 rows");
    await field.fill("sdk.acme.example-7");
    // 7 and 70 to 79.
    expect(await section.locator("tbody tr:visible").count()).toBe(11);
    expect(await section.getByRole("status").textContent()).toBe("11 rows");
    await field.fill("<nothing of this>");
    expect(await section.locator("tbody tr:visible").count()).toBe(0);
    await field.fill("");
    expect(await section.locator("tbody tr:visible").count()).toBe(80);
    expect(await section.getByRole("status").textContent()).toBe("");
    await close();
  });

  test("on paper long tables are whole, what is folded is open, and what only a screen needs is gone", async () => {
    const { page, close } = await open(largestFleet(""));
    await page.emulateMedia({ media: "print" });
    const isWhole = await page.evaluate(
      "[...document.querySelectorAll('.scroll')].every((one) => one.scrollHeight <= one.clientHeight + 1)",
    );
    expect(isWhole).toBe(true);
    expect(await page.locator("nav").isVisible()).toBe(false);
    expect(await page.locator(".filter").first().isVisible()).toBe(false);
    expect(await page.locator("#heat-permitted").isVisible()).toBe(true);
    await close();
  });

  function focused(page: Page): Promise<unknown> {
    return page.evaluate("document.activeElement.textContent.trim()");
  }

  /** What axe finds: the rule, and the elements that break it. */
  async function findViolations(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    const found = (await page.evaluate("axe.run().then(({ violations }) => violations)")) as readonly {
      readonly id: string;
      readonly nodes: readonly { readonly html: string }[];
    }[];
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
  }
});
