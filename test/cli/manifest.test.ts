import { join } from "node:path";
import { XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { bycatch, gpsDemo, settings, temporaryFolder } from "./run-bycatch.js";

describe("bycatch manifest", () => {
  test("prints well-formed XML with Android's names", () => {
    const { stdout, stderr, status } = bycatch(["manifest", settings]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(XMLValidator.validate(stdout)).toBe(true);
    expect(stdout).toContain('package="io.appium.settings"');
    expect(stdout).toContain('<uses-permission android:name="android.permission.READ_SMS"/>');
  });

  test("--resolve puts the value in place of the reference", () => {
    expect(bycatch(["manifest", gpsDemo]).stdout).toContain('<application android:label="@0x7f040000"');
    expect(bycatch(["manifest", "--resolve", gpsDemo]).stdout).toMatch(/<application android:label="[^@"]+"/);
  });

  test("what is no app ends as in a scan", () => {
    const missing = bycatch(["manifest", join(temporaryFolder(), "no.apk")]);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/no\.apk: there is no such file\n$/);
    expect(bycatch(["manifest", temporaryFolder()]).status).toBe(3);
    expect(bycatch(["manifest"]).status).toBe(2);
  });
});
