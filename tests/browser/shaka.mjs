// Plays a site's films in headless Chromium through shaka-player: the second judge beside hls.js, with a demuxer of its own.
//
//   node shaka.mjs OUT_DIR [ID…]
//
// Exit 0: all play. 1: at least one does not, with the reason. 2: there is nothing to play.

import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "./browser.mjs";
import { multivariant } from "./playlist.mjs";
import { serve } from "./server.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const [out, ...chosen] = process.argv.slice(2);
const media = out ? path.resolve(out, "site/media") : "";
const films = [];
for (const id of out ? (await readdir(media).catch(() => [])).sort() : []) {
  const master = path.join(media, id, "hls/master.m3u8");
  if ((chosen.length === 0 || chosen.includes(id)) && (await stat(master).catch(() => null))) films.push({ id, master });
}
if (films.length === 0) {
  console.error(out ? `shaka: no site/media/*/hls/master.m3u8 in ${out}` : "shaka: say where: node shaka.mjs OUT_DIR [ID…]");
  process.exit(2);
}

const server = await serve(path.resolve(out));
// The page that plays is the test's own; everything that it plays comes from zhanbo.
const OWN = {
  "/test/page.html": path.join(here, "shaka.html"),
  "/test/shaka.js": path.join(here, "node_modules/shaka-player/dist/shaka-player.compiled.js"),
};
const browser = await launch();
let failed = 0;
for (const film of films) {
  try {
    console.log(`ok    ${film.id}: ${await play(film)}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${film.id}: ${error.message.replace(/^page\.evaluate: (Error: )?/, "").split("\n")[0]}`);
  }
}
await browser.close();
await server.close();
console.log(`shaka: ${films.length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;

async function play({ id, master }) {
  const expected = await multivariant(master);
  const page = await browser.newPage();
  const call = (name, ...args) => page.evaluate(([name, args]) => globalThis[name](...args), [name, args]);
  try {
    for (const [address, file] of Object.entries(OWN)) {
      await page.route(server.origin + address, (route) => route.fulfill({ path: file }));
    }
    await page.goto(`${server.origin}/test/page.html`);
    const opened = await call("open", `/site/media/${encodeURIComponent(id)}/hls/master.m3u8`);
    check(Math.abs(opened.duration - expected.duration) < 0.1, `is ${opened.duration} s long, its EXTINFs say ${expected.duration}`);
    check([...opened.sizes].sort().join() === [...expected.sizes].sort().join(), `offers ${opened.sizes.join(" ")}, the playlist lists ${expected.sizes.join(" ")}`);
    check(opened.texts === expected.subtitles.length, `${opened.texts} subtitle tracks, ${expected.subtitles.length} are listed`);
    for (const [index, size] of opened.sizes.entries()) await call("variant", size, index);
    for (const [index, subtitle] of expected.subtitles.entries()) {
      const wanted = await cuesIn(subtitle.file);
      const found = await call("cues", index, wanted);
      check(found === wanted, `subtitle ${subtitle.name} shows ${found} cues, its segments hold ${wanted}`);
    }
    const end = await call("playToTheEnd");
    check(Math.abs(end.time - opened.duration) < 0.1, `ended at ${end.time} of ${opened.duration}`);
    if (opened.duration < 60) check(end.ranges.length === 1, `has holes: buffered ${JSON.stringify(end.ranges)}`);
    check(end.errors.length === 0, `shaka-player met errors: ${end.errors.join(", ")}`);
    check(end.corrupted === 0, `${end.corrupted} corrupted frames`);
    return `${opened.duration.toFixed(1)} s; ${opened.sizes.join(" ")}`;
  } finally {
    await page.close();
  }
}

/** Different cues of a subtitle rendition: one that crosses a border stands in both segments. */
async function cuesIn(playlist) {
  const lines = (await readFile(playlist, "utf8")).split(/\r?\n/).filter((line) => line && !line.startsWith("#"));
  const cues = new Set();
  for (const line of lines) {
    const text = await readFile(path.join(path.dirname(playlist), decodeURIComponent(line)), "utf8");
    for (const cue of text.matchAll(/^(\S+ --> \S+).*\n([^]*?)(?:\n\n|$)/gm)) cues.add(`${cue[1]} ${cue[2].trim()}`);
  }
  return cues.size;
}

function check(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
