import { appWithComment, putFile } from "./distinct-apps.js";

/** A small app; each number has a file of its own digest. */
export function tinyApp(number: number): Buffer {
  return appWithComment("no-third-parties.apk", `app ${number}`);
}

/** Writes small apps into a folder: 0000.apk and so on. */
export function writeTinyApps(folder: string, count: number): void {
  for (let number = 0; number < count; number++) {
    putFile(folder, `${String(number).padStart(4, "0")}.apk`, tinyApp(number));
  }
}
