// What the judges that play films share: which films a site has, a page of the test's own over what zhanbo serves, and the count.

import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

/** The films of an output folder that have an HLS package, by id. */
export async function filmsOf(out) {
  const media = path.resolve(out, "site/media");
  const films = [];
  for (const id of (await readdir(media).catch(() => [])).sort()) {
    const folder = path.join(media, id);
    const master = path.join(folder, "hls/master.m3u8");
    if (await exists(master)) films.push({ id, folder, master, root: `/site/media/${encodeURIComponent(id)}` });
  }
  return films;
}

/** Ends with 2 and says why where a judge has nothing to judge. */
export function insist(films, judge, out, usage = "OUT_DIR") {
  if (films.length > 0) return;
  console.error(out ? `${judge}: no site/media/*/hls/master.m3u8 in ${out}` : `${judge}: say where: node ${judge}.mjs ${usage}`);
  process.exit(2);
}

/** Asks `judge` about each film, one after the other; it answers with a line, or throws what is wrong. */
export async function judgeAll(name, films, judge) {
  let failed = 0;
  for (const film of films) {
    try {
      console.log(`ok    ${film.id}: ${await judge(film)}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${film.id}: ${error.message.replace(/^page\.evaluate: (Error: )?/, "").split("\n")[0]}`);
    }
  }
  console.log(`${name}: ${films.length - failed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}

/**
 * `judgeAll` in a browser, over `zhanbo serve`. The page that plays is the test's own (`own`: address to file); everything that it
 * plays comes from zhanbo. `judge(film, stage)`: `stage.open(use)` lends such a page.
 */
export async function playAll(name, out, films, own, judge) {
  const server = await serve(path.resolve(out));
  const browser = await launch();
  const stage = {
    async open(use) {
      const page = await browser.newPage();
      try {
        for (const [address, file] of Object.entries(own)) {
          await page.route(server.origin + address, (route) => route.fulfill({ path: path.join(here, file) }));
        }
        await page.goto(`${server.origin}/test/page.html`);
        const call = (name, ...args) => page.evaluate(([name, args]) => globalThis[name](...args), [name, args]);
        return await use(page, call);
      } finally {
        await page.close();
      }
    },
  };
  await judgeAll(name, films, (film) => judge(film, stage));
  await browser.close();
  await server.close();
}

export function check(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}

export async function exists(file) {
  return stat(file).then(
    () => true,
    () => false,
  );
}
