import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { corpus, findCorpusFile } from "../support/fetch-corpus.js";
import { type Commands, expectTranscript, findLeftTranscripts, transcribe } from "../support/transcript.js";

const root = new URL("../../", import.meta.url).pathname;
const goldens = join(root, "fixtures/golden");

/** Commands as a user types them, by the name of their transcript. What each shows is judged in fixtures/golden/README.md. */
const commands: Commands = {
  "settings-8.0.10": ["bycatch scan io.appium.settings@8.0.10.apk"],
  "settings-8.0.10-verbose": ["bycatch scan --verbose --width 120 io.appium.settings@8.0.10.apk"],
  "settings-8.0.10-json": ["bycatch scan -f json io.appium.settings@8.0.10.apk"],
  "uiautomator2-server-10.6.6": ["bycatch scan appium-uiautomator2-server@10.6.6.apk"],
  "espresso-driver-9.3.6": ["bycatch scan appium-espresso-driver@9.3.6.apk"],
  "stf-3.7.9": ["bycatch scan @devicefarmer+stf@3.7.9.apk"],
  "apidemos-5.0.0": ["bycatch scan android-apidemos@5.0.0.apk"],
  "selendroid-2.0.4": ["bycatch scan sample-apps@2.0.4.apk"],
  "paypal-4.1.0": ["bycatch scan react-native-paypal@4.1.0.apk"],
  "gps-demo-2.1.1": ["bycatch scan gps-demo-app@2.1.1.apk"],
  "gps-demo-2.1.1-manifest": ["bycatch manifest --resolve gps-demo-app@2.1.1.apk"],
  "gps-demo-2.1.1-json": ["bycatch scan -f json gps-demo-app@2.1.1.apk"],
  "data-safety-jpush-1.3.4": ["bycatch data-safety jpush-react-native@1.3.4.apk --form push-demo.csv"],
  "data-safety-draft-jpush-1.3.4": [
    "bycatch data-safety jpush-react-native@1.3.4.apk --form push-demo.csv --draft draft.csv -f markdown",
  ],
  "diff-settings": ["bycatch diff io.appium.settings@2.0.0.apk io.appium.settings@8.0.10.apk"],
  "diff-uiautomator2-server": [
    "bycatch diff appium-uiautomator2-server@4.27.0.apk appium-uiautomator2-server@10.6.6.apk",
  ],
  "diff-apidemos": ["bycatch diff android-apidemos@3.0.0.apk android-apidemos@5.0.0.apk"],
  "diff-third-parties": ["bycatch diff jpush-react-native@1.3.4.apk react-native-paypal@4.1.0.apk"],
  "two-apps": ["bycatch scan --quiet gps-demo-app@2.1.1.apk no-such-file.apk sample-apps@2.0.4.apk"],
};

/** Files of the corpus by the name that the commands give them: the package's, with which of its APKs. */
const wanted: Record<string, RegExp> = {
  "io.appium.settings@8.0.10": /settings_apk-debug\.apk$/,
  "appium-uiautomator2-server@10.6.6": /server-v10\.6\.6\.apk$/,
  "appium-espresso-driver@9.3.6": /androidTest\.apk$/,
  "@devicefarmer/stf@3.7.9": /STFService\.apk$/,
  "android-apidemos@5.0.0": /ApiDemos-debug\.apk$/,
  "sample-apps@2.0.4": /selendroid-test-app\.apk$/,
  "gps-demo-app@2.1.1": /\.apk$/,
  "react-native-paypal@4.1.0": /app-debug\.apk$/,
  "io.appium.settings@2.0.0": /\.apk$/,
  "appium-uiautomator2-server@4.27.0": /server-v4\.27\.0\.apk$/,
  "android-apidemos@3.0.0": /\.apk$/,
  "jpush-react-native@1.3.4": /app-debug\.apk$/,
};

const folder = mkdtempSync(join(tmpdir(), "bycatch-golden-"));
symlinkSync(join(root, "fixtures/data-safety/push-demo.csv"), join(folder, "push-demo.csv"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const [name, path] of Object.entries(wanted)) {
  const entry = corpus.find((item) => item.package === name && path.test(item.path));
  const file = entry === undefined ? undefined : findCorpusFile(entry);
  if (file !== undefined) symlinkSync(file, join(folder, `${name.replaceAll("/", "+")}.apk`));
}

describe("transcripts of real apps", () => {
  test.each(Object.keys(commands))("%s", (name) => {
    expectTranscript(transcribe(commands[name]!, folder), join(goldens, `${name}.txt`));
  });

  test("no transcript is left over", () => {
    expect(findLeftTranscripts(goldens, commands)).toEqual([]);
  });
});
