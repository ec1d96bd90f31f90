import { type AppInput, type Audited, sumFailed, type Tally } from "../batch/index.js";
import { printable } from "../report/printable-text.js";
import { tell } from "./console.js";
import { Progress } from "./progress.js";

/** Milliseconds between two lines in a log. */
const LOG_INTERVAL = 10_000;
/** Share of the apps after which a log gets a line anyway. */
const LOG_SHARE = 0.05;
/** Milliseconds between two looks at the numbers. */
const TICK = 250;
/** Looks that the rate is taken over: half a minute. */
const WINDOW = 120;

/** How a batch goes, on standard error: a line that is drawn over and over on a terminal; lines now and then in a log. */
export class BatchProgress {
  readonly #total: number | undefined;
  readonly #line: Progress;
  readonly #isQuiet: boolean;
  readonly #isLogged: boolean;
  readonly #samples: { readonly time: number; readonly finished: number }[] = [];
  #tally: Tally | undefined;
  readonly #start = performance.now();
  #end: number | undefined;
  #compared = 0;
  #timer: NodeJS.Timeout | undefined;
  #logged = { time: performance.now(), share: 0 };

  /** @param total apps that there are; `undefined` where more may come */
  constructor(total: number | undefined, isQuiet: boolean) {
    this.#total = total;
    this.#line = new Progress(isQuiet);
    this.#isQuiet = isQuiet;
    this.#isLogged = !isQuiet && process.stderr.isTTY !== true;
  }

  begin(tally: Tally): void {
    this.#tally = tally;
    this.#logged = { time: performance.now(), share: 0 };
    if (this.#isQuiet) return;
    this.#timer = setInterval(() => this.#tick(), TICK);
    this.#timer.unref();
  }

  /** Tells what is watched from now on, and how that ends. */
  tellWatch(places: readonly string[]): void {
    if (this.#isQuiet) return;
    const shown = places.map((place) => printable(place, 2_000)).join(", ");
    this.note(`watches ${shown} until it is stopped by SIGINT (Ctrl-C) or SIGTERM`);
  }

  /** Tells that apps more were looked at, whether the rules' changes can meet them. */
  tellCompared(apps: number): void {
    this.#compared += apps;
    this.#line.show(`${format(this.#compared)} apps compared with the rules' changes`);
  }

  /** Tells of an app that failed. */
  tellApp({ name }: AppInput, { status, reason, message }: Audited): void {
    if (status !== "failed") return;
    this.note(`${printable(name, 2_000)}: ${reason}: ${printable(message ?? "", 2_000)}`);
  }

  /** Tells something above the line. */
  note(message: string): void {
    this.#line.erase();
    tell(message);
  }

  /** @returns seconds that the run took */
  end(): number {
    clearInterval(this.#timer);
    this.#line.erase();
    this.#end ??= performance.now();
    return (this.#end - this.#start) / 1_000;
  }

  #tick(): void {
    if (this.#tally === undefined) return;
    const time = performance.now();
    const finished = finishedOf(this.#tally);
    this.#samples.push({ time, finished });
    if (this.#samples.length > WINDOW) this.#samples.shift();
    this.#line.show(this.#describe());
    if (!this.#isLogged) return;
    const share = this.#total === undefined ? 0 : doneOf(this.#tally) / this.#total;
    const isDue = time - this.#logged.time >= LOG_INTERVAL || share - this.#logged.share >= LOG_SHARE;
    if (!isDue || time - this.#logged.time < 1_000) return;
    this.#logged = { time, share };
    tell(this.#describe());
  }

  #describe(): string {
    const tally = this.#tally!;
    const done = doneOf(tally);
    const rate = this.#rate();
    const failed = sumFailed(tally);
    const parts = [
      this.#total === undefined ? `${format(done)} apps` : `${format(done)}/${format(this.#total)} apps`,
      `${rate.toFixed(1)}/s`,
    ];
    if (this.#total !== undefined && rate > 0)
      parts.push(`ETA ${formatDuration((this.#total - done) / rate)}`);
    parts.push(`${format(failed)} failed`);
    return parts.join("  ");
  }

  /** Apps per second lately; those that were skipped are none. */
  #rate(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || first === last) return 0;
    return ((last.finished - first.finished) * 1_000) / (last.time - first.time);
  }
}

function finishedOf(tally: Tally): number {
  return tally.audited + tally.incomplete + sumFailed(tally) + tally.duplicates;
}

function doneOf(tally: Tally): number {
  return finishedOf(tally) + tally.carried + tally.skipped;
}

/** As `1:02:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${Math.floor(whole / 3_600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** As `1,234`. */
export function format(number: number): string {
  return number.toLocaleString("en");
}
