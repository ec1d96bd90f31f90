/** A text as an SQL literal. */
export function literal(text: string): string {
  // A NUL would end the statement.
  return `'${text.replaceAll("'", "''").replaceAll("\0", "")}'`;
}
