import { describe, expect, test } from "vitest";
import { verdictRenderers } from "../../src/report/verdict-formats.js";
import { poison } from "../support/hostile-text.js";
import { buildVerdict, check, problem } from "../support/verdict-builder.js";
import { failed, passed, undecided } from "./example-verdicts.js";

/** Workflow commands as GitHub's runner parses them (actions/runner, `ActionCommand.TryParseV2`, then `TryParse`). */
function parse(text: string): { command: string; properties: Record<string, string>; data: string }[] {
  const decode = (value: string, isProperty: boolean) => {
    const data = value.replaceAll("%0D", "\r").replaceAll("%0A", "\n");
    return (isProperty ? data.replaceAll("%3A", ":").replaceAll("%2C", ",") : data).replaceAll("%25", "%");
  };
  return text.split("\n").flatMap((line) => {
    const [, command, list, data] = /^\s*::(\w+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
    if (command === undefined) return parseOld(line);
    const properties = (list ?? "").split(",").map((pair) => {
      const [name, value = ""] = pair.split(/=(.*)/s);
      return [name, decode(value, true)];
    });
    return [{ command, properties: Object.fromEntries(properties), data: decode(data!, false) }];
  });
}

/** The older form, which is one anywhere in a line. */
function parseOld(line: string): ReturnType<typeof parse> {
  const [, command, data] = /##\[([^\]]*)\](.*)/.exec(line) ?? [];
  return command === undefined ? [] : [{ command, properties: {}, data: data! }];
}

describe("annotations of GitHub", () => {
  test("errors first, at the line that asks, and a line for the log at the end", () => {
    expect(verdictRenderers.github(failed())).toBe(
      `${[
        "::error file=bycatch.policy.yaml,line=3,title=Bycatch%3A No data broker rides along::Harbor Ads 9.8.3 is a data broker's. Remove the dependency. com.harbor.ads.Main  classes.dex",
        "::error file=bycatch.policy.yaml,line=12,title=Bycatch%3A Nobody else reads the location::Harbor Ads could access precise-location. com.harbor.ads.GeoLocator.locate -> android.location.LocationManager.getLastKnownLocation  classes2.dex 0x12",
        "::error file=bycatch.policy.yaml,line=3,title=Bycatch%3A Nobody else reads contacts::Buoy Maps could access contacts",
        "::error file=bycatch.lock,line=1,title=Bycatch%3A Nothing rides along that bycatch.lock does not have::android.permission.READ_CONTACTS is a new permission, brought by buoy. AndroidManifest.xml",
        "::error file=bycatch.lock,line=1,title=Bycatch%3A Nothing rides along that bycatch.lock does not have::plankton went from 20.0.0 to 21.0.0. com.plankton.Main  classes.dex",
        "::warning title=Bycatch%3A Not everything was seen::1 part could not be read, so nothing is claimed absent: classes3.dex",
        "::warning file=bycatch.policy.yaml,line=3,title=Bycatch%3A Every third party is known::com.acme.tracker is nobody's",
        "::notice file=bycatch.lock,line=1,title=Bycatch%3A Nothing rides along that bycatch.lock does not have::mast no longer names old.mast.example",
        "bycatch: fail: com.example.speedtest 5.4.1 (app-release.apk): 4 of 7 checks failed, 1 warning, 1 part not read",
      ].join("\n")}\n`,
    );
  });

  test("what was not read is an error where the build does not pass by it", () => {
    const levels = (text: string) => parse(text).map(({ command }) => command);
    expect(levels(verdictRenderers.github(undecided()))).toEqual(["error", "warning"]);
    expect(levels(verdictRenderers.github(undecided(true)))).toEqual(["warning", "warning"]);
    expect(levels(verdictRenderers.github(passed()))).toEqual(["warning"]);
  });

  test.each([
    [10, 10, "z9"],
    [11, 10, "2 more errors stand in the report"],
    [300, 10, "291 more errors stand in the report"],
  ])("of %i errors %i are annotations", (number, shown, last) => {
    const problems = Array.from({ length: number }, (_, index) => problem(`x/${index}`, `z${index}`));
    const commands = parse(verdictRenderers.github(buildVerdict([check("x", problems)])));
    expect(commands).toHaveLength(shown);
    expect(commands.at(-1)!.data).toContain(last);
  });

  test("what was agreed to is no annotation", () => {
    const excepted = [problem("x/y", "seen", { exception: { because: "why", owner: "who" } })];
    expect(parse(verdictRenderers.github(buildVerdict([check("x", [], { excepted })])))).toEqual([]);
  });

  test("no text makes a command, a property or a line of its own", () => {
    const number = (text: string) => parse(text).map(({ command }) => command);
    const text = verdictRenderers.github(poison(failed()));
    expect(number(text)).toEqual(number(verdictRenderers.github(failed())));
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    for (const { properties } of parse(text))
      expect(Object.keys(properties).filter((name) => !["file", "line", "title"].includes(name))).toEqual([]);
    expect(text.split("\n").at(-2)).toMatch(/^bycatch: fail: /);
  });

  test.each(["##[set-output name=exit-code]0", "####[stop-commands]x"])(
    "no version is the command %s",
    (name) => {
      const text = verdictRenderers.github(
        buildVerdict([check("x")], { app: { versionName: `1.0 ${name}` } }),
      );
      expect(text).toContain(`com.example.app 1.0 ${name.replace("[", " [")} (app.apk)`);
      expect(parse(text)).toEqual([]);
    },
  );

  test("a percent sign, a colon and a comma come back", () => {
    const verdict = buildVerdict([check("x", [problem("x/y", "100%0A: a, b")], { title: "T: 5%, or less" })]);
    expect(parse(verdictRenderers.github(verdict))[0]).toMatchObject({
      properties: { title: "Bycatch: T: 5%, or less" },
      data: "100%0A: a, b",
    });
  });
});
