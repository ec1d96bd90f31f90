/** Names and what they mean, as a help text lists them. */
export function renderTable(table: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(table).map((name) => name.length));
  return Object.entries(table)
    .map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`)
    .join("\n");
}
