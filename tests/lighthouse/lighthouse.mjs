// Lighthouse on the website's home page and on a film's page, as Chrome measures a phone.
//
//   node lighthouse.mjs OUT_DIR
//
// Exit 0: performance, accessibility, best practices and SEO are 95 or more on both. 1: they are not, with what was found.

import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import lighthouse from "lighthouse";

import { serve } from "../browser/server.mjs";

const ENOUGH = 95;
const out = path.resolve(process.argv[2] ?? ".");
const films = await readdir(path.join(out, "site/v"));
const server = await serve(out);
const profile = await mkdtemp(path.join(tmpdir(), "zhanbo-lighthouse-"));
const chromium = spawn("chromium", [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--remote-debugging-port=0",
  `--user-data-dir=${profile}`,
  "about:blank",
]);
const port = await new Promise((found, failed) => {
  chromium.once("error", failed);
  chromium.stderr.on("data", (said) => {
    const at = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(said);
    if (at) found(Number(at[1]));
  });
});

let low = 0;
for (const page of ["index.html", `v/${films[0]}/index.html`]) {
  const { lhr } = await lighthouse(`${server.origin}/site/${page}`, { port, logLevel: "error", output: "json" });
  const scores = Object.values(lhr.categories).map((category) => [category.title, Math.round(100 * category.score)]);
  console.log(`${page}: ${scores.map(([title, score]) => `${title} ${score}`).join(", ")}`);
  low += scores.filter(([, score]) => score < ENOUGH).length;
  for (const audit of Object.values(lhr.audits)) {
    if (audit.score !== null && audit.score < 0.9) console.log(`  ${audit.id}: ${audit.displayValue ?? audit.title}`);
  }
}
chromium.kill();
await new Promise((ended) => (chromium.exitCode === null ? chromium.once("exit", ended) : ended()));
await rm(profile, { recursive: true, force: true, maxRetries: 5 });
server.close();
process.exitCode = low ? 1 : 0;
