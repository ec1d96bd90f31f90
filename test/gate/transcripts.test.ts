import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildApp } from "../support/app-builder.js";
import { readFixtureEntries } from "../support/fixture-apps.js";
import { gate, gateFolder } from "../support/gate-folder.js";
import { type Commands, expectTranscript, findLeftTranscripts, transcribe } from "../support/transcript.js";

/** What each shows is judged in fixtures/gate/README.md. */
const commands: Commands = {
  "first-lock": ["bycatch lock gate-base.apk --rules rules -o new.lock", "cat new.lock"],
  "clean-build": ["bycatch check gate-base.apk --rules rules"],
  "new-sdk": ["bycatch check gate-new-sdk.apk --rules rules"],
  "upgraded-sdk": [
    "bycatch check gate-upgraded-sdk.apk --rules rules",
    "bycatch check gate-upgraded-sdk.apk --rules rules --update --policy agreed.policy.yaml --today 2026-11-29",
    "bycatch check gate-upgraded-sdk.apk --rules rules --policy agreed.policy.yaml --today 2026-11-29",
  ],
  "exception-counts": [
    "bycatch check gate-new-sdk.apk --rules rules --policy excepted.policy.yaml --today 2026-10-31",
  ],
  "exception-expired": [
    "bycatch check gate-new-sdk.apk --rules rules --policy excepted.policy.yaml --today 2026-11-29",
  ],
  "diff-new-sdk": [
    "bycatch diff gate-base.apk gate-new-sdk.apk --rules rules --exit-code",
    "bycatch diff gate-new-sdk.apk gate-base.apk --rules rules --exit-code",
  ],
  "diff-upgraded-sdk": [
    "bycatch diff gate-base.apk gate-upgraded-sdk.apk --rules rules",
    "bycatch diff bycatch.lock gate-upgraded-sdk.apk --rules rules -f markdown",
  ],
  "diff-truncated-dex": ["bycatch diff gate-base.apk gate-torn.apk --rules rules"],
  "truncated-apk": ["bycatch check gate-truncated.apk --rules rules"],
  "truncated-dex": [
    "bycatch check gate-torn.apk --rules rules",
    "bycatch check gate-torn.apk --rules rules --allow-incomplete",
  ],
};

/** The folder of the gate, with builds that did not arrive whole. */
function workingFolder(): string {
  const folder = gateFolder();
  const base = readFileSync(join(gate, "gate-base.apk"));
  writeFileSync(join(folder, "gate-truncated.apk"), base.subarray(0, 1500));
  const files = Object.fromEntries(
    readFixtureEntries("../gate/gate-base").map(({ name, content }) => [name, content]),
  );
  const torn = { ...files, "classes2.dex": files["classes.dex"]!.subarray(0, 600) };
  writeFileSync(join(folder, "gate-torn.apk"), buildApp({ files: torn }));
  return folder;
}

describe("transcripts of an app over time", () => {
  test.each(Object.keys(commands))("%s", (name) => {
    expectTranscript(transcribe(commands[name]!, workingFolder()), join(gate, `${name}.txt`));
  });

  test("no transcript is left over", () => {
    expect(findLeftTranscripts(gate, commands)).toEqual([]);
  });
});
