import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import JSZip from "jszip";
import { describe, expect, test } from "vitest";
import { describeInputFailure } from "../../src/cli/describe-failure.js";
import { exitCodes, worstOf } from "../../src/cli/exit-codes.js";
import { FormatError } from "../../src/diagnostics/index.js";
import { bycatch, executable, gpsDemo, settings, temporaryFolder } from "./run-bycatch.js";

/** An archive of empty entries, or of those given. */
async function zip(path: string, names: readonly string[], content = "x"): Promise<string> {
  const archive = new JSZip();
  for (const name of names) archive.file(name, content);
  writeFileSync(path, await archive.generateAsync({ type: "nodebuffer" }));
  return path;
}

/** One sentence, and no stack. */
function expectSentence(stderr: string, sentence: RegExp): void {
  expect(stderr).toMatch(sentence);
  expect(stderr).toMatch(/^bycatch: [^\n]+\n$/);
}

describe("an input that is no app", () => {
  const cases: [string, number, RegExp, (folder: string) => string | Promise<string>][] = [
    ["not there", 2, /nothing\.apk: there is no such file/, (folder) => join(folder, "nothing.apk")],
    ["below a file", 2, /there is no such file/, () => join(gpsDemo, "x.apk")],
    ["a directory", 3, /: is a directory; name the APK files in it/, (folder) => folder],
    ["empty", 3, /empty\.apk file: is empty/, (folder) => write(folder, "empty.apk", "")],
    ["text", 3, /text\.apk.*: not a ZIP archive/, (folder) => write(folder, "text.apk", "hello")],
    [
      "a picture",
      3,
      /p\.apk.*: not a ZIP archive, it seems to be a PNG image/,
      (folder) => write(folder, "p.apk", `\x89PNG\r\n\x1a\n${"0".repeat(100)}`),
    ],
    [
      "cut off",
      3,
      /cut\.apk.*it is cut off/,
      (folder) => write(folder, "cut.apk", readFileSync(settings).subarray(0, 100_000)),
    ],
    [
      "a bundle",
      3,
      /an Android App Bundle \(AAB\), which is not read yet/,
      (folder) => zip(join(folder, "a.aab"), ["BundleConfig.pb", "base/manifest/AndroidManifest.xml"]),
    ],
    [
      "a library",
      3,
      /an Android library \(AAR\), which is not read yet/,
      (folder) => zip(join(folder, "a.aar"), ["AndroidManifest.xml", "classes.jar"]),
    ],
    [
      "a set of APKs",
      3,
      /a set of APKs/,
      (folder) => zip(join(folder, "a.apks"), ["toc.pb", "splits/base-master.apk"]),
    ],
    ["another archive", 3, /this archive is no APK/, (folder) => zip(join(folder, "a.zip"), ["readme.txt"])],
  ];

  test.each(cases)("%s: exit %i, one sentence", async (_, code, sentence, make) => {
    const path = await make(temporaryFolder());
    const { stdout, stderr, status } = bycatch(["scan", path]);
    expect({ stdout, status }).toEqual({ stdout: "", status: code });
    expectSentence(stderr, sentence);
    expect(stderr).toContain(path);
  });

  test("one that may not be read", () => {
    // A test that runs as root can read everything: the system's refusal is made up.
    const refusal = Object.assign(new Error("EACCES: permission denied, open 'a.apk'"), {
      code: "EACCES",
      syscall: "open",
    });
    expect(describeInputFailure("a.apk", refusal)).toEqual({
      ending: "incomplete",
      text: "a.apk: cannot be read: permission denied",
    });
  });

  test("has no say in where a line of the message ends", () => {
    const place = { source: "a.apk", structure: "entry" };
    const error = new FormatError("bad-value", place, "has the name x\nbycatch: all is well");
    expect(describeInputFailure("dir/a.apk", error).text).toBe(
      "dir/a.apk entry: has the name x\\nbycatch: all is well",
    );
  });

  test("does not keep the others from being audited; the gravest ending counts", () => {
    const folder = temporaryFolder();
    const text = write(folder, "text.apk", "hello");
    const { stdout, stderr, status } = bycatch([
      "scan",
      "-q",
      gpsDemo,
      text,
      join(folder, "no.apk"),
      settings,
    ]);
    expect(stdout).toMatch(/^gpsDemo-debug\.apk: [\s\S]*\nsettings_apk-debug\.apk: /);
    expect(stderr.trimEnd().split("\n")).toHaveLength(2);
    expect(status).toBe(2);
    expect(bycatch(["scan", "-q", text, gpsDemo]).status).toBe(3);
  });

  test("leaves JSON well formed, and an old report alone", () => {
    const folder = temporaryFolder();
    const text = write(folder, "text.apk", "hello");
    expect(JSON.parse(bycatch(["scan", "-f", "json", text, gpsDemo]).stdout)).toHaveLength(1);
    expect(JSON.parse(bycatch(["scan", "-f", "json", text, text]).stdout)).toEqual([]);
    const report = write(folder, "report.json", "old");
    const { stderr } = bycatch(["scan", text, "-o", report]);
    expect(stderr).toContain(`nothing was audited, so ${report} was not written`);
    expect(readFileSync(report, "utf8")).toBe("old");
    expect(readdirSync(folder).sort()).toEqual(["report.json", "text.apk"]);
  });

  test("control characters in a path do not reach the terminal", () => {
    expect(bycatch(["scan", "no\x1b[2J.apk"]).stderr).toBe(
      "bycatch: no\\x1b[2J.apk: there is no such file\n",
    );
  });
});

describe("an app of which a part cannot be read", () => {
  test("is audited all the same; report and exit code say that it is incomplete", async () => {
    const path = await zip(
      join(temporaryFolder(), "odd.apk"),
      ["AndroidManifest.xml", "classes.dex"],
      "not what it should be",
    );
    const { stdout, stderr, status } = bycatch(["scan", path]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 3 });
    expect(stdout.replaceAll("\n", " ")).toContain("Incomplete: 2 parts could not be read.");
    expect(stdout).toMatch(/\nNot read {2}.*\n {2}AndroidManifest\.xml/);
  });

  test("says so on standard error where the terminal report goes elsewhere", async () => {
    const path = await zip(
      join(temporaryFolder(), "odd.apk"),
      ["AndroidManifest.xml", "classes.dex"],
      "not what it should be",
    );
    const { stdout, stderr, status } = bycatch(["scan", "-f", "json", path]);
    expect(status).toBe(3);
    expect(JSON.parse(stdout).coverage.unread).toHaveLength(2);
    expectSentence(stderr, /odd\.apk: 2 parts could not be read; the report says which/);
  });
});

describe("usage", () => {
  const folder = "/no/such/folder";
  test.each<[string, string[], RegExp]>([
    ["no command", [], /^Usage: bycatch/],
    ["an unknown command", ["frobnicate"], /unknown command 'frobnicate'/],
    ["an unknown option", ["scan", "--frob", "a.apk"], /unknown option '--frob'\nSee "bycatch scan --help"/],
    ["no app", ["scan"], /missing required argument 'app'/],
    ["an unknown format", ["scan", "-f", "xml", gpsDemo], /Allowed choices are terminal, json, jsonl/],
    ["an unknown depth", ["scan", "--depth", "all", gpsDemo], /Allowed choices are permitted, referenced/],
    ["quiet and verbose", ["scan", "-q", "-v", gpsDemo], /cannot be used with/],
    ["a width that is none", ["scan", "--width", "wide", gpsDemo], /a number from 40 to 400/],
    [
      "a package that is none",
      ["scan", "--first-party", "com.acme,not a package", gpsDemo],
      /"not a package" is no package/,
    ],
    [
      "rules that are not there",
      ["scan", "--rules", folder, gpsDemo],
      /--rules: there is no file or directory/,
    ],
    ["an unknown output format", ["scan", gpsDemo, "-o", "pdf=a"], /there is no format "pdf"/],
    [
      "an output without a folder",
      ["scan", gpsDemo, "-o", `${folder}/a.json`],
      /there is no directory \/no\/such\/folder/,
    ],
    ["one output twice", ["scan", gpsDemo, "-o", "a.json", "-o", "./a.json"], /is named twice/],
    [
      "an output of what is not written",
      ["scan", gpsDemo, "-o", "a.PDF"],
      /a\.PDF would not be what \.pdf says: the formats are terminal, json, .*\n {2}.*: terminal=a\.PDF\n/,
    ],
    ["an output of another command's", ["scan", gpsDemo, "-o", "a.html"], /not be what \.html says/],
    [
      "help for no command",
      ["help", "facts"],
      /help facts: there is no such command\n {2}See "bycatch --help"/,
    ],
    ["help for one below none", ["help", "queue", "retri"], /help queue retri: .*\n {2}Did you mean retry\?/],
    ["an output without a name", ["scan", gpsDemo, "-o", "json="], /names no file/],
    ["an output that is a folder", ["scan", gpsDemo, "-o", tmpdir()], /: \S+ is a directory\n/],
  ])("%s: exit 2, nothing on standard output", (_, args, sentence) => {
    const { stdout, stderr, status } = bycatch(args);
    expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  test("a rule file's mistake is told with its line", () => {
    const path = write(temporaryFolder(), "rule.yaml", "id: acme\nname: Acme\ncategory: nonsense\n");
    const { stderr, status } = bycatch(["scan", "--rules", path, gpsDemo]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^bycatch: \S*rule\.yaml:\d+:\d+: /);
  });

  test("an input is never overwritten, by whatever name", () => {
    const apk = join(temporaryFolder(), "app.apk");
    cpSync(gpsDemo, apk);
    const { stderr, status } = bycatch(["scan", apk, "-o", `json=${join(apk, "..", ".", "app.apk")}`]);
    expect(status).toBe(2);
    expect(stderr).toContain("is also an input");
    expect(readFileSync(apk)).toEqual(readFileSync(gpsDemo));
  });
});

describe("help", () => {
  test("--version is the package's, and quick to come by", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(bycatch(["--version"])).toMatchObject({ stdout: `${version}\n`, stderr: "", status: 0 });
  });

  test.each([
    ["--help"],
    ["help"],
    ["scan", "--help"],
    ["help", "scan"],
    ["manifest", "-h"],
    ["query", "--help"],
    ["batch", "--help"],
  ])("%s %s: on standard output, with every exit code", (...args) => {
    const { stdout, stderr, status } = bycatch(args.filter((arg) => arg !== undefined));
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    for (const { code, meaning } of Object.values(exitCodes))
      expect(stdout).toContain(`  ${code}  ${meaning}\n`);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("of a command below another", () => {
    const { stdout, stderr, status } = bycatch(["help", "queue", "retry"]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toMatch(/^Usage: bycatch queue retry /);
    expect(stdout).toBe(bycatch(["queue", "retry", "--help"]).stdout);
  });

  test("the gravest of several endings is the command's", () => {
    expect(worstOf(["done", "incomplete", "done"])).toBe("incomplete");
    expect(worstOf(["incomplete", "usage"])).toBe("usage");
    expect(worstOf(["usage", "bug", "done"])).toBe("bug");
    expect(worstOf([])).toBe("done");
  });
});

describe("the system's trouble", () => {
  test("a reader that goes away ends nothing in an error", () => {
    const command = `"${process.execPath}" "${executable}" scan -f json "${settings}" | head -c 1; echo " \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", command], { encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: "{ 0\n", stderr: "" });
  });

  test.runIf(existsSync("/dev/full"))("a full disk is said, and exits with 2", () => {
    const direct = spawnSync(
      "bash",
      ["-c", `"${process.execPath}" "${executable}" scan "${gpsDemo}" > /dev/full`],
      { encoding: "utf8" },
    );
    expect(direct.status).toBe(2);
    expectSentence(direct.stderr, /standard output cannot be written \(ENOSPC\)/);
    const { stderr, status } = bycatch(["scan", gpsDemo, "-o", "json=/dev/full"]);
    expect(status).toBe(2);
    expectSentence(stderr, /\/dev\/full cannot be written \(ENOSPC\)/);
  });

  test("a bug shows its stack and asks to be reported, and exits with 4", () => {
    const folder = temporaryFolder();
    for (const name of ["bin", "dist", "package.json"]) {
      cpSync(new URL(`../../${name}`, import.meta.url), join(folder, name), { recursive: true });
    }
    // Rules that no build writes: what comes of them is no fault of the user's.
    writeFileSync(join(folder, "dist/rules.jsonl"), "{}");
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(folder, "bin/bycatch.js"), "scan", gpsDemo],
      { encoding: "utf8" },
    );
    expect({ stdout, status }).toEqual({ stdout: "", status: 4 });
    expect(stderr).toMatch(
      /^bycatch: this is a bug in bycatch while reading .*gpsDemo-debug\.apk, .*Please report it/,
    );
    expect(stderr).toMatch(/\nbycatch \d\S*, Node\.js v\d+.*\nTypeError: .*\n {4}at /);
  });

  test("without a build the executable says what to do", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    cpSync(executable, join(folder, "bin/bycatch.js"));
    const { stderr, status } = spawnSync(process.execPath, [join(folder, "bin/bycatch.js")], {
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toBe('bycatch is not built: run "npm run build" in its folder.\n');
  });
});

function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? Buffer.from(content, "latin1") : content);
  return path;
}
