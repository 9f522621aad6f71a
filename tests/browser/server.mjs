// The real thing: `zhanbo serve OUT` on a free port. ZHANBO says which binary; else the one that was built last.

import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Serves an output folder. Returns its address and how to end it; a server that does not end by Ctrl-C with 0 is a failure. */
export async function serve(out) {
  const child = spawn(binary(), ["serve", out, "--port", "0", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([new Promise((resolve) => lines.once("line", resolve)), ended]);
  if (typeof first !== "string") throw new Error(`zhanbo serve ended with ${first}`);
  return {
    origin: new URL(JSON.parse(first).url).origin,
    async close() {
      child.kill("SIGINT");
      const code = await ended;
      if (code !== 0) throw new Error(`zhanbo serve ended with ${code} after Ctrl-C`);
    },
  };
}

function binary() {
  const target = path.resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
  const built = ["debug", "release"].map((profile) => path.join(target, profile, "zhanbo")).filter((file) => existsSync(file));
  const newest = built.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  const chosen = process.env.ZHANBO ?? newest;
  if (!chosen) throw new Error("there is no zhanbo: cargo build");
  return chosen;
}
