/** What a file may call itself to break out of a terminal, Markdown, XML, CSV or a workflow command. */
export const hostileText =
  '=cmd|"/c calc"!A1\\|x``` </details><img src=x onerror=alert(1)> <!-- @octocat #1 GH-1 deadbeef1 ' +
  "https://evil.example www.evil.example [x](https://evil.example) ![i](//evil.example/i.png) *b* _i_ ~~s~~ & &lt;\n" +
  "## Heading\r\n::error file=x::boo\n%0A::set-output name=x::y ##[set-output name=x]y ]]> \x1b[2J\x00\x07\u202e\u200b\ufffe\ud800 {0} end";

const ours = new Set([
  ...["kind", "confidence", "leaves", "effect", "code", "rung", "depth", "protection", "outcome", "severity"],
  ...["sha256", "schemaVersion", "readOn"],
]);

/** Every text that may come from a file or a user with hostile text at its end: equal texts stay equal. */
export function poison<T>(value: T, text = hostileText, key = ""): T {
  if (typeof value === "string") return (ours.has(key) ? value : value + text) as T;
  if (Array.isArray(value)) return value.map((item) => poison(item, text, key)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, poison(item, text, name)]);
  return Object.fromEntries(entries) as T;
}
