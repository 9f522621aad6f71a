// Plays a site's films in headless Chromium through shaka-player: the second judge beside hls.js, with a demuxer of its own.
//
//   node shaka.mjs OUT_DIR [ID…]
//
// Exit 0: all play. 1: at least one does not, with the reason. 2: there is nothing to play.

import { readFile } from "node:fs/promises";
import path from "node:path";

import { check, filmsOf, insist, playAll } from "./films.mjs";
import { multivariant } from "./playlist.mjs";

const OWN = { "/test/page.html": "shaka.html", "/test/shaka.js": "node_modules/shaka-player/dist/shaka-player.compiled.js" };

const [out, ...chosen] = process.argv.slice(2);
const films = (out ? await filmsOf(out) : []).filter((film) => chosen.length === 0 || chosen.includes(film.id));
insist(films, "shaka", out, "OUT_DIR [ID…]");
await playAll("shaka", out, films, OWN, play);

async function play({ root, master }, stage) {
  const expected = await multivariant(master);
  return stage.open(async (_, call) => {
    const opened = await call("open", `${root}/hls/master.m3u8`);
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
  });
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
