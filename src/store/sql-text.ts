import { sep } from "node:path";
import { UsageError } from "../diagnostics/index.js";

/** A text as an SQL literal. */
export function literal(text: string): string {
  // A NUL would end the statement.
  return `'${text.replaceAll("'", "''").replaceAll("\0", "")}'`;
}

/**
 * A path by which DuckDB, which takes paths of files to be read for globs, means that path and no other.
 *
 * @throws UsageError for what cannot be said to it: a name with a backslash beside what makes a glob
 */
export function escapeGlob(path: string): string {
  const names = path.split(sep).map((name) => {
    if (!/[*?[]/.test(name)) return name;
    if (name.includes("\\"))
      throw new UsageError(
        "--store",
        `DuckDB cannot read a folder whose name has a backslash beside *, ? or [: ${name}`,
        "Rename it, or name it by a link.",
      );
    return name.replace(/[*?[]/g, "[$&]");
  });
  return names.join(sep);
}
