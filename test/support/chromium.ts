import { accessSync, constants } from "node:fs";
import type { Browser } from "playwright-core";

/** Debian's. */
const PATH = "/usr/bin/chromium";

/** Where the installed Chromium is. */
export function findChromium(): string | undefined {
  try {
    accessSync(PATH, constants.X_OK);
    return PATH;
  } catch {
    return undefined;
  }
}

/** Starts a browser that asks nobody for anything by itself. */
export async function startChromium(executablePath: string): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}
