#!/usr/bin/env node
import { existsSync } from "node:fs";

const [major, minor] = process.versions.node.split(".").map(Number);
const program = new URL("../dist/cli.js", import.meta.url);
// The build writes it after the program: a build that was broken off lacks it.
const rules = new URL("../dist/rules.jsonl", import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  fail(`bycatch needs Node.js 20.19 or later; this is ${process.versions.node}.`);
} else if (!existsSync(program) || !existsSync(rules)) {
  fail('bycatch is not built: run "npm run build" in its folder.');
} else {
  await import(program.href);
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}
