// The program of a process that audits, as it is built, but for apps whose names say that it shall misbehave.
await import("../../dist/audit-process.js");

process.prependListener("message", ({ kind, input }) => {
  if (kind !== "audit") return;
  if (input.name.includes("hang")) for (;;);
  if (input.name.includes("eat")) eat();
  if (input.name.includes("heap")) fillHeap();
  if (input.name.includes("abort")) process.abort();
  if (input.name.includes("tell"))
    setImmediate(() => {
      throw new TypeError(`told ${process.env.REDIS_PASSWORD} ${process.env.AWS_SECRET_ACCESS_KEY}`);
    });
  if (input.name.includes("throw"))
    setImmediate(() => {
      throw new TypeError("of no kind, in /home/someone/file.js");
    });
});

/** Outside of V8's heap. */
function eat() {
  const eaten = [];
  for (;;) eaten.push(Buffer.alloc(8 << 20, 1));
}

function fillHeap() {
  const kept = [];
  for (;;) kept.push({ number: kept.length });
}
