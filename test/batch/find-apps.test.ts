import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { findApps, parseAppList } from "../../src/batch/index.js";
import { nameFolders } from "../../src/batch/name-apps.js";
import { UsageError } from "../../src/diagnostics/index.js";
import { temporaryFolder } from "../cli/run-bycatch.js";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

function put(...names: string[]): void {
  for (const name of names) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), "");
  }
}

interface Found {
  readonly names: string[];
  readonly paths: string[];
  readonly troubles: string[];
  readonly passedOver: [string, number][];
}

async function find(named: readonly string[], listed: readonly string[] = []): Promise<Found> {
  const troubles: string[] = [];
  const { apps, passedOver } = await findApps({ named, listed }, (path, problem) =>
    troubles.push(`${relative(folder, path)} ${problem}`),
  );
  return {
    names: apps.map(({ name }) => name),
    paths: apps.map(({ path }) => relative(folder, path)),
    troubles,
    passedOver: [...passedOver],
  };
}

describe("a folder", () => {
  test("gives what ends in .apk, at any depth, named below it, by code units", async () => {
    put("b.apk", "a/c.APK", "Z.apk", "a/a/é.apk", "a.txt", "a-b.apk");
    const { names, troubles } = await find([folder]);
    expect(names).toEqual(["Z.apk", "a-b.apk", "a/a/é.apk", "a/c.APK", "b.apk"]);
    expect(troubles).toEqual([]);
  });

  test("counts the apps in it of kinds that are not read", async () => {
    put("a.aab", "b/c.AAB", "d.xapk", "e.apk", "f.zip", "g.aar", "h.jar");
    expect((await find([folder])).passedOver.sort()).toEqual([
      [".aab", 2],
      [".aar", 1],
      [".jar", 1],
      [".xapk", 1],
    ]);
  });

  test("beside others is named, too; a file in two of them is one app", async () => {
    put("one/x.apk", "two/x.apk", "two/in/y.apk");
    const both = await find([join(folder, "two"), join(folder, "one"), join(folder, "two", "in")]);
    expect(both.names).toEqual(["in/y.apk", "one/x.apk", "two/x.apk"]);
  });

  test("beside one whose path ends alike is named by as much of the path as tells them apart", async () => {
    put("d1/in/base.apk", "d2/in/base.apk", "d3/base.apk");
    const all = ["d1/in", "d2/in/", "d3"].map((name) => `${folder}/${name}`);
    const names = ["d1/in/base.apk", "d2/in/base.apk", "d3/base.apk"];
    expect((await find(all)).names).toEqual(names);
    expect((await find(all.map((path) => relative("", path)))).names).toEqual(names);
    expect((await find(all.map((path) => `${path}/*.apk`))).names).toEqual(names);
  });

  test("beside others is named as it was given, whatever the working folder is called", () => {
    const names = (...folders: string[]) => [...nameFolders(folders).values()];
    expect(names("in")).toEqual([""]);
    expect(names("in", "./in/", `${process.cwd()}/in`)).toEqual(["", "", ""]);
    expect(names(".", "in", "..")).toEqual(["./", "in/", "../"]);
    expect(names("in", "/in", "d//in", "/a/d/in", "/b/d/./in")).toEqual([
      "in/",
      "/in/",
      "d/in/",
      "a/d/in/",
      "b/d/in/",
    ]);
    expect(names("/", "/a")).toEqual(["/", "a/"]);
  });

  test("without apps gives none", async () => {
    expect((await find([folder])).names).toEqual([]);
  });

  test("that cannot be read is told, and costs only itself", async () => {
    put("a.apk", "closed/b.apk", "z.apk");
    // Root reads everything: a link to itself is what nobody enters.
    chmodSync(join(folder, "closed"), 0o000);
    symlinkSync("self", join(folder, "self"));
    symlinkSync("nowhere.apk", join(folder, "gone.apk"));
    const { names, troubles } = await find([folder]);
    chmodSync(join(folder, "closed"), 0o755);
    expect(troubles).toContain("self is a link that leads back to itself");
    expect(troubles).toContain("gone.apk is a link that leads nowhere, or was removed meanwhile");
    if (process.getuid?.() !== 0) {
      expect(troubles).toContain("closed cannot be looked into: permission denied");
      expect(names).toEqual(["a.apk", "z.apk"]);
    } else expect(names).toEqual(["a.apk", "closed/b.apk", "z.apk"]);
  });
});

test("names that are not UTF-8 are told as that, and a name with U+FFFD is one like any other", async () => {
  put("\ufffd/a\ufffd.apk");
  const latin1 = (name: string) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, "latin1")]);
  mkdirSync(latin1("dir\xe9"));
  for (const name of ["app\xe9.apk", "note\xe9.txt"]) writeFileSync(latin1(name), "");
  onTestFinished(() => {
    // What removes whole folders does not find them.
    for (const name of ["app\xe9.apk", "note\xe9.txt"]) unlinkSync(latin1(name));
    rmdirSync(latin1("dir\xe9"));
  });
  const { names, troubles } = await find([folder]);
  expect(names).toEqual(["\ufffd/a\ufffd.apk"]);
  expect(troubles.sort()).toEqual([
    "app\ufffd.apk its name is not UTF-8: rename it",
    "dir\ufffd its name is not UTF-8: rename it",
  ]);
});

test("a pipe that is called as an app is told, and others are not", async () => {
  put("a.apk");
  for (const name of ["pipe.apk", "pipe"]) execFileSync("mkfifo", [join(folder, name)]);
  symlinkSync("pipe.apk", join(folder, "link.apk"));
  const problem = "is no file, but a pipe, a socket or a device";
  for (const named of [folder, `${folder}/*`]) {
    const { names, troubles } = await find([named]);
    expect(names).toEqual(["a.apk"]);
    expect(troubles.sort()).toEqual([`link.apk ${problem}`, `pipe.apk ${problem}`]);
  }
  expect((await find([`${folder}/a*`])).troubles).toEqual([]);
});

test("what is fetched is sent to a queue, and no password is told", async () => {
  for (const url of ["https://me:secret@host/a.apk", "s3://bucket/apps/"])
    for (const [named, listed] of [
      [[url], []],
      [[], ["a.apk", url]],
    ] as const) {
      await expect(find(named, listed)).rejects.toThrow(
        /^(?!.*secret).*is a URL, and not on this machine.*--queue/s,
      );
    }
});

describe("links", () => {
  test("are followed; a folder that they lead back to is entered once", async () => {
    put("real/a.apk", "real/deep/b.apk");
    symlinkSync("..", join(folder, "real/deep/up"));
    symlinkSync("real", join(folder, "alias"));
    symlinkSync("real/a.apk", join(folder, "link.apk"));
    expect((await find([folder])).names).toEqual(["link.apk", "real/a.apk", "real/deep/b.apk"]);
  });

  test("out of the folder count, as a researcher's folder of links to apps does", async () => {
    put("apps/a.apk", "picked/.keep");
    symlinkSync("../apps", join(folder, "picked/all"));
    expect((await find([join(folder, "picked")])).names).toEqual(["all/a.apk"]);
  });
});

describe("a glob", () => {
  test("gives what it matches, whatever its ending, named below its folder", async () => {
    put("x/a.apk", "x/b.bin", "y/a.apk", "y/deep/a.apk");
    expect((await find([`${folder}/*/a.apk`])).names).toEqual(["x/a.apk", "y/a.apk"]);
    expect((await find([`${folder}/y/**/*.apk`])).names).toEqual(["a.apk", "deep/a.apk"]);
    expect((await find([`${folder}/x/*.bin`])).names).toEqual(["b.bin"]);
    expect((await find([`${folder}/{x,y}/*`])).names).toEqual(["x/a.apk", "x/b.bin", "y/a.apk"]);
  });

  test("is none where a file has that name", async () => {
    put("app[1].apk", "app1.apk");
    expect((await find([join(folder, "app[1].apk")])).paths).toEqual(["app[1].apk"]);
  });
});

test("a glob of what is to be left out is refused", async () => {
  put("a/x.apk", "b/x.apk");
  for (const name of [`!${folder}/a/*.apk`, `!${folder}/a`])
    await expect(find([name])).rejects.toThrow("begins with an exclamation mark");
  expect((await find([`${folder}/!(a)/*`])).names).toEqual(["b/x.apk"]);
});

test("what neither is there nor is a glob is the user's mistake", async () => {
  await expect(find([join(folder, "none")])).rejects.toThrow(UsageError);
  await expect(find([join(folder, "none")])).rejects.toThrow("there is no such file or folder");
});

describe("a list", () => {
  test("is of lines, or of what stands between NULs", () => {
    expect(parseAppList("a.apk\r\nb c.apk\n\n")).toEqual(["a.apk", "b c.apk"]);
    expect(parseAppList("a\nb.apk\0c.apk\0")).toEqual(["a\nb.apk", "c.apk"]);
    expect(parseAppList("")).toEqual([]);
  });

  test("is taken as it is: a file that is not there is told when it is read", async () => {
    put("a.apk");
    const there = join(folder, "a.apk");
    const { names } = await find([], [there, join(folder, "none.apk"), there]);
    expect(names).toEqual([there, join(folder, "none.apk")]);
  });

  test("names each file as it lists it, so that one can be told from another of its name", async () => {
    put("d1/base.apk", "d2/base.apk");
    const listed = [`${folder}/d1/base.apk`, `${folder}//d2/./base.apk`, "./up/../base.apk", "../base.apk"];
    const names = ["../base.apk", `${folder}/d1/base.apk`, `${folder}/d2/base.apk`, "up/../base.apk"];
    expect((await find([], listed)).names.sort()).toEqual(names.sort());
    expect((await find(listed.slice(0, 2))).names).toEqual(
      listed.slice(0, 2).map((path) => path.replace("//d2/.", "/d2")),
    );
  });
});
