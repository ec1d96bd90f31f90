import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bycatch, settings, temporaryFolder } from "./run-bycatch.js";

const root = new URL("../../", import.meta.url);
const gate = (name: string) => new URL(`fixtures/gate/${name}`, root).pathname;

/** A folder with an app of the gate's family, and the rules that know its invented SDKs. */
function folderOf(app: string) {
  const folder = temporaryFolder();
  copyFileSync(gate(`${app}.apk`), join(folder, "app.apk"));
  const run = (...args: string[]) => bycatch([...args, "--rules", gate("rules")], { NO_COLOR: "1" }, folder);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return { folder, run, read };
}

describe("init", () => {
  test("writes a policy and a lockfile that the app passes, and says what they are", () => {
    const { run, read } = folderOf("gate-new-sdk");
    const { status, stdout, stderr } = run("init", "app.apk");
    expect(status).toBe(0);
    expect(stderr).toMatch(/^bycatch: bycatch\.lock is written: \d+ things that ride along, one a line\n$/);
    expect(stdout).toContain("Worth a thought:");
    expect(stdout).toMatch(/Could access device-or-other-ids, and may go on: .*gannetry-ads/);
    expect(stdout).toMatch(/\n {2}bycatch check app\.apk\n$/);
    expect(read("bycatch.lock")).toContain("\nthird-party gannetry-ads 5.1.0\n");
    expect(read("bycatch.policy.yaml")).toMatch(/only-known-device-or-other-ids[\s\S]*- gannetry-ads/);
    expect(run("check", "app.apk")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^PASS {2}\d+ checks passed$/m),
    });
  });

  test("what it wrote fails a build with more", () => {
    const { folder, run } = folderOf("gate-base");
    run("init", "app.apk");
    copyFileSync(gate("gate-upgraded-sdk.apk"), join(folder, "app.apk"));
    const { status, stdout } = run("check", "app.apk");
    expect(status).toBe(1);
    // By the lockfile, and by the policy: no third party could access the location when it was written.
    expect(stdout).toMatch(/^fail {2}nothing-new-is-read/m);
    expect(stdout).toMatch(/^fail {2}lockfile/m);
  });

  test("leaves what is there, unless it is told otherwise", () => {
    const { folder, run, read } = folderOf("gate-base");
    writeFileSync(join(folder, "bycatch.policy.yaml"), "policy-version: 1\n");
    expect(run("init", "app.apk")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/bycatch\.policy\.yaml is there already\n.*bycatch lock.*--force/),
    });
    expect(read("bycatch.policy.yaml")).toBe("policy-version: 1\n");
    expect(existsSync(join(folder, "bycatch.lock"))).toBe(false);
    expect(run("init", "app.apk", "--force").status).toBe(0);
    expect(read("bycatch.policy.yaml")).toContain("rules:");
  });

  test("names the files that are not where a check looks for them", () => {
    const { run } = folderOf("gate-base");
    const { stdout } = run("init", "app.apk", "--policy", "p.yaml", "--lock", "l.lock");
    expect(stdout).toMatch(/\n {2}bycatch check app\.apk --policy p\.yaml --lock l\.lock\n$/);
  });

  test("writes nothing of an app that could not be read whole", () => {
    const { folder, run } = folderOf("gate-base");
    const whole = readFileSync(gate("gate-base.apk"));
    writeFileSync(join(folder, "app.apk"), whole.subarray(0, 1_500));
    expect(run("init", "app.apk").status).toBe(3);
    expect(existsSync(join(folder, "bycatch.policy.yaml"))).toBe(false);
    expect(existsSync(join(folder, "bycatch.lock"))).toBe(false);
  });

  test("a real app passes what is proposed for it", () => {
    const folder = temporaryFolder();
    expect(bycatch(["init", settings], {}, folder).status).toBe(0);
    expect(bycatch(["check", settings], {}, folder).status).toBe(0);
  });
});
