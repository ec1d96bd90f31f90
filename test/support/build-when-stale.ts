import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Builds dist/ where it is absent or older than what it is made of, once before the tests. */
export function setup(): void {
  // The last that a build writes.
  const made = join(root, "dist", "types", "index.d.ts");
  const inputs = ["build.js", "digest-code.js", "package.json", "src", "rules"].map((name) =>
    join(root, name),
  );
  if (existsSync(made) && Math.max(...inputs.map(newestTime)) <= statSync(made).mtimeMs) return;
  execFileSync(process.execPath, ["build.js"], { cwd: root, stdio: "inherit" });
}

/** When a file, or the youngest file below a folder, was last changed; in milliseconds. */
function newestTime(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  const times = readdirSync(path).map((name) => newestTime(join(path, name)));
  return Math.max(statSync(path).mtimeMs, ...times);
}
