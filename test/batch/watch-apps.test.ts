import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { AppInput } from "../../src/batch/index.js";
import { watchApps } from "../../src/batch/watch-apps.js";
import { UsageError } from "../../src/diagnostics/index.js";
import { temporaryFolder } from "../cli/run-bycatch.js";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

const at = (...path: string[]) => join(folder, ...path);

function put(path: string): void {
  mkdirSync(at(path, ".."), { recursive: true });
  writeFileSync(at(path), path);
}

/** Looks until some apps are ready, or it was still for some looks. */
function watch(...named: string[]) {
  const stop = new AbortController();
  const troubles: string[] = [];
  const looks = watchApps(
    named.map((name) => at(name)),
    {
      stop: stop.signal,
      onTrouble: (path, problem) => troubles.push(`${path.slice(folder.length + 1)} ${problem}`),
      ...{ stillFor: 5, interval: 5 },
    },
  );
  onTestFinished(() => stop.abort());
  const next = async () => {
    for (let quiet = 0; quiet < 5; quiet++) {
      const { value = [] } = await looks.next();
      if (value.length > 0) return value.map(({ name }: AppInput) => name);
    }
    return [];
  };
  return { next, troubles };
}

test("a folder that is gone is told once, keeps no other from being watched, and may come back", async () => {
  put("a/one.apk");
  put("b/one.apk");
  const { next, troubles } = watch("a", "b");
  expect(await next()).toEqual(["a/one.apk", "b/one.apk"]);
  rmSync(at("a"), { recursive: true });
  put("b/two.apk");
  expect(await next()).toEqual(["b/two.apk"]);
  expect(await next()).toEqual([]);
  expect(troubles).toEqual(["a is a link that leads nowhere, or was removed meanwhile"]);
  put("a/two.apk");
  expect(await next()).toEqual(["a/two.apk"]);
});

test("what is gone is not ready, and an app that changes is ready again", async () => {
  put("a/one.apk");
  put("alone.apk");
  const { next, troubles } = watch("a", "alone.apk");
  expect(await next()).toHaveLength(2);
  renameSync(at("a"), at("unmounted"));
  rmSync(at("alone.apk"));
  expect(await next()).toEqual([]);
  expect(troubles.map((trouble) => trouble.split(" ")[0])).toEqual(["a", "alone.apk"]);
  renameSync(at("unmounted"), at("a"));
  writeFileSync(at("a/one.apk"), "another");
  expect(await next()).toEqual(["one.apk"]);
});

test("what never was there is the user's mistake", async () => {
  await expect(watch("none").next()).rejects.toThrow(UsageError);
});
