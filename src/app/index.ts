/**
 * A finished build, whatever container it came in. Comes in: a byte source. Goes out: its manifest, its
 * entries' names and its DEX files, one after another. Never knows an SDK's name.
 */
export type { App, AppContents, AppFile } from "./app.js";
export { openApp, refuseOtherKinds } from "./open-app.js";
export type { LayoutNames } from "./read-layouts.js";
