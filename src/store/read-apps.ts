/**
 * The apps that count: those of which anything was read. `of_apps` is how many they are; an app is a file, and an app of
 * several versions is several, so `packages` counts application ids.
 */
export const READ_APPS = `read_apps AS (
  SELECT app, path, package_name, version_name, version_code, status
  FROM apps
  WHERE status <> 'failed'
)`;

/** How many they are. */
export const OF_APPS = "(SELECT count(*) FROM read_apps) AS of_apps";
/** Which share of them a group has, in percent. */
export const PERCENT =
  "round(100 * count(DISTINCT read_apps.app) / (SELECT count(*) FROM read_apps), 1) AS percent";
