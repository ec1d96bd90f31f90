import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Version of the Redis that is installed; `undefined` where there is none. */
export function findRedis(): string | undefined {
  try {
    return execFileSync("redis-server", ["--version"], { encoding: "utf8" }).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A Redis on loopback that keeps its data over a restart. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #password: string | undefined;
  #child: ChildProcess | undefined;

  private constructor(port: number, password: string | undefined) {
    this.port = port;
    this.#password = password;
    this.#folder = mkdtempSync(join(tmpdir(), "bycatch-redis-"));
  }

  static async start(password?: string): Promise<RedisServer> {
    const server = new RedisServer(await findFreePort(), password);
    await server.start();
    return server;
  }

  /** Of a database; a test takes one that no other does. */
  url(database = 0): string {
    return `redis://127.0.0.1:${this.port}/${database}`;
  }

  /** Starts it on its port and its folder. */
  async start(): Promise<void> {
    const options = {
      port: String(this.port),
      bind: "127.0.0.1",
      dir: this.#folder,
      appendonly: "yes",
      // What a command that was answered has done is on the disk.
      appendfsync: "always",
      save: "",
      ...(this.#password === undefined ? {} : { requirepass: this.#password }),
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    this.#child = spawn("redis-server", args, { stdio: "ignore" });
    while (!(await this.#answers())) {
      if (this.#child.exitCode !== null) throw new Error(`redis-server ended with ${this.#child.exitCode}`);
      await pause(50);
    }
  }

  /** Kills it as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** Ends it, and removes its data. */
  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Whether it is there, and has read its data. */
  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = createConnection(this.port, "127.0.0.1", () => socket.write("PING\r\n"));
      socket.on("error", () => resolve(false));
      socket.on("data", (data) => {
        socket.destroy();
        resolve(/^(?:\+PONG|-NOAUTH)/.test(data.toString()));
      });
    });
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
