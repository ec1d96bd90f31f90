import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import type { AuditResult } from "../../src/index.js";
import type { AndroidManifest, Component } from "../../src/manifest/index.js";
import { isLauncherActivity } from "../../src/manifest/index.js";
import type { AaptOutput } from "../support/aapt.js";

/*
 * What an app declares and how much code it has, as lines of text: once as we read it, once as Debian's
 * aapt and dexdump print it. Long lists of components are kept as their number and a digest.
 */

/** The manifest as we read it. */
export function manifestFacts(manifest: AndroidManifest): string[] {
  const { usesSdk } = manifest;
  const names = (components: readonly Component[]) => components.map(({ name }) => name);
  return [
    `package ${manifest.packageName}`,
    `version ${manifest.versionCode} ${manifest.versionName ?? ""}`,
    `sdk ${usesSdk.minSdkVersion} to ${usesSdk.targetSdkVersion}`,
    ...list(
      "permission",
      manifest.usesPermissions.map(({ name, maxSdkVersion }) => withMaximum(name, maxSdkVersion)),
    ),
    ...list(
      "defines",
      manifest.permissions.map(({ name }) => name),
    ),
    ...list(
      "feature",
      manifest.usesFeatures.flatMap(({ name }) => name ?? []),
    ),
    ...list(
      "launcher",
      names(manifest.activities.filter((a) => a.targetActivity === undefined && isLauncherActivity(a))),
    ),
    digest("activities", names(manifest.activities)),
    digest("services", names(manifest.services)),
    digest("receivers", names(manifest.receivers)),
    digest("providers", names(manifest.providers)),
  ];
}

/** The same as aapt prints it. */
export function aaptFacts({ badging, permissions, xmltree }: AaptOutput): string[] {
  const first = (pattern: RegExp) => pattern.exec(badging)?.[1];
  const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)];
  const packageName = first(/^package: name='(.*?)'/m) ?? "";
  const minSdkVersion = first(/^sdkVersion:'(.*)'$/m) ?? "1";
  const implied = new Set(all(badging, /^ +uses-implied-feature: name='(.*?)'/gm).map((match) => match[1]));
  const features = all(badging, /^ +uses-feature(?:-not-required)?: name='(.*?)'/gm).map(
    (match) => match[1]!,
  );
  // The line of an element's name follows its other attributes with lower ids: theme, label, icon.
  const components = (tag: string) =>
    all(xmltree, new RegExp(`^ *E: ${tag} \\(line=\\d+\\)\\n((?: *A: .*\\n)*)`, "gm")).map(([, attributes]) =>
      expand(packageName, /^ *A: .*?\(0x01010003\)="(.*?)"/m.exec(attributes!)?.[1] ?? ""),
    );
  return [
    `package ${packageName}`,
    `version ${first(/^package: .*? versionCode='(.*?)'/m) || "0"} ${first(/^package: .*? versionName='(.*?)'/m) ?? ""}`,
    `sdk ${minSdkVersion} to ${first(/^targetSdkVersion:'(.*)'$/m) ?? minSdkVersion}`,
    ...list(
      "permission",
      all(permissions, /^uses-permission(?:-sdk-23)?: (?:name=)?'(.*?)'(?: maxSdkVersion='(.*?)')?/gm).map(
        (match) => withMaximum(match[1]!, match[2]),
      ),
    ),
    ...list(
      "defines",
      all(permissions, /^permission: (.*)$/gm).map((match) => match[1]!),
    ),
    ...list(
      "feature",
      features.filter((name) => !implied.has(name)),
    ),
    ...list(
      "launcher",
      all(badging, /^launchable-activity: name='(.*?)'/gm).map((match) => match[1]!),
    ),
    digest("activities", [...components("activity"), ...components("activity-alias")]),
    digest("services", components("service")),
    digest("receivers", components("receiver")),
    digest("providers", components("provider")),
  ];
}

/** The code as an audit counts it, a line for each DEX file. */
export function codeFacts({ app }: AuditResult): string[] {
  return app.dexFiles.map(
    ({ classDefs, methods, instructions }, index) =>
      `DEX ${index + 1}: ${classDefs} classes, ${methods} methods with code, ${instructions} instructions`,
  );
}

/** The same as `dexdump -d` prints it. */
export async function dexdumpFacts(path: string): Promise<string[]> {
  const child = spawn("dexdump", ["-d", path], { stdio: ["ignore", "pipe", "ignore"] });
  child.stdout.setEncoding("latin1");
  const facts: string[] = [];
  let counts = { classes: 0, methods: 0, instructions: 0 };
  const finish = () =>
    facts.push(
      `DEX ${facts.length + 1}: ${counts.classes} classes, ${counts.methods} methods with code, ${counts.instructions} instructions`,
    );
  let started = false;
  let rest = "";
  for await (const chunk of child.stdout as AsyncIterable<string>) {
    const text = rest + chunk;
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    for (const [line, payload] of text.slice(0, end).matchAll(COUNTED)) {
      if (line.startsWith("Opened")) {
        if (started) finish();
        started = true;
        counts = { classes: 0, methods: 0, instructions: 0 };
      } else if (line.startsWith("Class #")) counts.classes++;
      else if (line.startsWith(" ")) counts.methods++;
      else if (payload === undefined) counts.instructions++;
    }
  }
  if (started) finish();
  return facts;
}

/** A DEX file, a class, a method's code, an instruction or a payload, which is none. */
const COUNTED =
  /^(?:Opened '|Class #| {6}insns size {4}: |[0-9a-f]{6}: .{39}\|[0-9a-f]{4}: (?:(packed-switch-data|sparse-switch-data|array-data))?)/gm;

function list(word: string, values: readonly string[]): string[] {
  return [...new Set(values)].sort().map((value) => `${word} ${value}`);
}

function digest(word: string, names: readonly string[]): string {
  const hash = createHash("sha256")
    .update([...names].sort().join("\n"))
    .digest("hex");
  return names.length === 0 ? `${word} 0` : `${word} ${names.length}, names ${hash.slice(0, 16)}`;
}

function withMaximum(name: string, maximum: number | string | undefined): string {
  return maximum === undefined ? name : `${name} up to ${maximum}`;
}

function expand(packageName: string, name: string): string {
  if (name.startsWith(".")) return packageName + name;
  return name.includes(".") ? name : `${packageName}.${name}`;
}
