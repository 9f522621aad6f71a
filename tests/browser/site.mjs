// Visits the website in headless Chromium as people do: watches, searches, on a phone, by keyboard, without scripts, from a
// USB stick. Every page is valid HTML, axe finds nothing, no console error, no request leaves the host.
//
//   node site.mjs OUT_DIR      a film in it has Chinese subtitles and is 20 s long, see `run`
//
// Exit 0: all hold. 1: something does not, with the reason.

import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { HtmlValidate } from "html-validate";

import { launch } from "./browser.mjs";
import { check } from "./films.mjs";
import { serve } from "./server.mjs";

const FIRST_VIEW = 150_000;
const PHONE = { width: 390, height: 844 };
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const out = path.resolve(process.argv[2] ?? "");
const site = path.join(out, "site");
const folders = await readdir(path.join(site, "v"));
const FILM = `v/${folders.find((name) => name.startsWith("sichuandaxue-"))}/index.html`;
const REGIONS = await readdir(path.join(site, "region"));
const REGION = `region/${REGIONS[0]}/index.html`;

const server = await serve(out);
const base = `${server.origin}/site`;
const browser = await launch();
const failures = [];

await each({
  "every page is valid HTML": validHtml,
  "search by hanzi, pinyin, initials and mixtures": search,
  "filter by region": filter,
  "dark and light, remembered": looks,
  "phone, laptop, projector: nothing sticks out": widths,
  "play, seek, quality, speed, subtitles, previews": watch,
  "keyboard only": keyboard,
  "without scripts": noScripts,
  "opened as a file": asFile,
  "without hls.js the MP4 plays": noEngine,
  "without Media Source the browser's own HLS plays": native,
  "axe": accessible,
});
await browser.close();
await server.close();
console.log(`website: ${failures.length ? `${failures.length} FAILED` : "all passed"}`);
process.exitCode = failures.length ? 1 : 0;

async function each(tests) {
  for (const [name, test] of Object.entries(tests)) {
    const since = Date.now();
    try {
      const told = await test();
      console.log(`ok    ${name} (${((Date.now() - since) / 1000).toFixed(1)} s)${told ? `: ${told}` : ""}`);
    } catch (error) {
      failures.push(name);
      console.log(`FAIL  ${name}: ${error.message.split("\n").slice(0, 12).join("\n      ")}`);
    }
  }
}

// ---- a visit that hears everything that goes wrong

async function visit(address, work, options = {}) {
  const { expected = [], prepare, ...settings } = options;
  const context = await browser.newContext({ viewport: { width: 1366, height: 900 }, locale: "zh-CN", ...settings });
  const page = await context.newPage();
  const wrong = [];
  const asked = [];
  page.setDefaultTimeout(10_000);
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("request", (request) => asked.push(request.url()));
  page.on("requestfailed", (request) => wrong.push(`${request.url()}: ${request.failure()?.errorText}`));
  try {
    await prepare?.(page);
    await page.goto(address.includes("://") ? address : `${base}/${address}`, { waitUntil: "load" });
    const told = await work(page, asked);
    const home = address.startsWith("file:") ? "file:" : server.origin;
    const away = asked.filter((url) => !url.startsWith(home) && !/^(blob|data):/.test(url));
    check(away.length === 0, `requests leave the host: ${away.join(" ")}`);
    // What is left over when a page closes or a player lets go of a download is nobody's fault.
    const left = wrong.filter((text) => !text.includes("net::ERR_ABORTED") && !expected.some((part) => text.includes(part)));
    check(left.length === 0, `the console says: ${left.join(" | ")}`);
    return told;
  } finally {
    await context.close();
  }
}

function same(found, wanted, what) {
  check(JSON.stringify(found) === JSON.stringify(wanted), `${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
}

// ---- what is tested

async function validHtml() {
  const validator = new HtmlValidate({ extends: ["html-validate:standard"] });
  const files = ["index.html", ...folders.map((name) => `v/${name}/index.html`), ...REGIONS.map((name) => `region/${name}/index.html`)];
  for (const file of files) {
    const report = await validator.validateFile(path.join(site, file));
    const told = report.results.flatMap((result) => result.messages.map((m) => `${file}:${m.line}: ${m.ruleId}: ${m.message}`));
    check(told.length === 0, told.join("\n"));
  }
  return `${files.length} pages`;
}

function titles(page) {
  return page.locator("#films > li:visible h3").allTextContents();
}

async function search() {
  await visit("index.html", async (page, asked) => {
    same((await titles(page)).length, 2, "films at first");
    check(!asked.some((url) => url.includes("films.js")), "the readings come only when somebody searches");
    for (const [words, wanted] of [
      ["四川大学", ["有字幕"]],
      ["短片", ["短片"]],
      ["sichuanshifan", ["短片"]],
      ["scdx", ["有字幕"]],
      ["scsfdx", ["短片"]],
      ["scshifan", ["短片"]],
      ["youzimu", ["有字幕"]],
      ["四川 dp", ["短片"]],
      ["ＳＣＤＸ", ["有字幕"]],
      ["xnmzdx", []],
    ]) {
      await page.fill("#q", words);
      await page.waitForFunction((count) => document.querySelectorAll("#films > li:not([hidden])").length === count, wanted.length);
      same(await titles(page), wanted, words);
      same(await page.locator("#found").textContent(), `找到 ${wanted.length} 个视频`, "what is said");
    }
    check(await page.locator("#none").isVisible(), "nothing found is said");
    await page.fill("#q", "youzimu");
    await page.reload();
    await page.waitForFunction(() => document.querySelectorAll("#films > li:not([hidden])").length === 1);
    await page.press("#q", "Escape");
    same((await titles(page)).length, 2, "films after Escape");
  });
}

async function filter() {
  await visit("index.html", async (page) => {
    const chip = page.getByRole("button", { name: "川北片区" });
    await chip.click();
    same(await titles(page), ["短片"], "films of the region");
    same(await chip.getAttribute("aria-pressed"), "true", "the pressed chip");
    await page.getByRole("button", { name: "全部" }).click();
    same((await titles(page)).length, 2, "all films");
    await page.getByRole("navigation", { name: "各片区" }).getByRole("link", { name: "川北片区" }).click();
    same(await page.locator("h1").textContent(), "川北片区", "the region's page");
    same(await page.locator("h3").allTextContents(), ["短片"], "its films");
  });
}

async function looks() {
  const paper = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await visit("index.html", async (page) => {
    const night = await paper(page);
    await page.click("#theme");
    const day = await paper(page);
    check(night !== day, "the button changes the look");
    await page.goto(`${base}/${FILM}`);
    same(await paper(page), day, "the look on the next page");
  }, { colorScheme: "dark" });
  await visit("index.html", async (page) => check((await paper(page)) === "rgb(247, 245, 240)", "light by day"));
}

async function widths() {
  for (const address of ["index.html", FILM, REGION]) {
    await visit(address, async (page) => {
      for (const [width, height] of [[320, 640], [PHONE.width, PHONE.height], [768, 1024], [1366, 768], [1920, 1080]]) {
        await page.setViewportSize({ width, height });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        check(over <= 0, `${address} is ${over} px wider than ${width}`);
        const small = await page.evaluate(() =>
          [...document.querySelectorAll("button, a, input")]
            .filter((e) => e.checkVisibility() && !e.closest(".skip, p"))
            .map((e) => [e.className || e.id, Math.round(e.getBoundingClientRect().width), Math.round(e.getBoundingClientRect().height)])
            .filter(([, w, h]) => w < 24 || h < 24),
        );
        same(small, [], `targets under 24 px on ${address} at ${width}`);
      }
    });
  }
}

function state(page) {
  return page.evaluate(() => {
    const v = document.querySelector("video");
    return { way: document.getElementById("player").dataset.way, at: v.currentTime, paused: v.paused, height: v.videoHeight, muted: v.muted, rate: v.playbackRate };
  });
}

function until(page, test, argument) {
  return page.waitForFunction(test, argument, { timeout: 15_000 });
}

function plays(page) {
  return until(page, () => {
    const v = document.querySelector("video");
    return !v.paused && v.currentTime > 0.3 && v.readyState >= 3;
  });
}

function showing(page, text) {
  const isShown = (text) => [...document.querySelector("video").textTracks].some((t) => t.mode === "showing" && [...(t.activeCues ?? [])].some((c) => c.getCueAsHTML().textContent === text));
  return until(page, isShown, text);
}

function cues(page) {
  return page.evaluate(() =>
    [...document.querySelector("video").textTracks]
      .filter((t) => t.mode === "showing")
      .flatMap((t) => [...t.activeCues])
      .map((c) => c.getCueAsHTML().textContent),
  );
}

async function watch() {
  return visit(FILM, async (page, asked) => {
    const before = asked.map((url) => new URL(url).pathname);
    check(!before.some((name) => /hls|mp4|m3u8|m4s/.test(name)), `loaded before anybody plays: ${before}`);
    const sizes = await Promise.all(before.filter((name) => !name.startsWith("/site/media/")).map((name) => stat(path.join(out, name)).then((file) => file.size)));
    const weight = sizes.reduce((sum, size) => sum + size, 0);
    check(weight <= FIRST_VIEW, `the first view takes ${weight} bytes`);
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
    check(policy.startsWith("default-src 'self';") && !policy.includes("unsafe"), policy);

    await page.locator("button.big").click();
    await plays(page);
    same((await state(page)).way, "hls.js", "what plays");
    check(asked.some((url) => url.endsWith("master.m3u8")) && asked.some((url) => url.endsWith(".m4s")), "HLS is fetched");

    await page.getByRole("button", { name: "清晰度" }).click();
    same(await page.getByRole("menuitemradio").allTextContents().then((all) => all.slice(1)), ["540p", "480p", "360p"], "qualities");
    await page.getByRole("menuitemradio", { name: "360p" }).click();
    await until(page, () => document.querySelector("video").videoHeight === 360);
    await page.getByRole("button", { name: "清晰度" }).click();
    same(await page.getByRole("menuitemradio", { checked: true }).textContent(), "360p", "the quality that is ticked");
    await page.getByRole("menuitemradio", { name: "540p" }).click();
    await until(page, () => document.querySelector("video").videoHeight === 540);

    await page.getByRole("button", { name: "速度" }).click();
    await page.getByRole("menuitemradio", { name: "1.5×" }).click();
    same((await state(page)).rate, 1.5, "the speed");

    await page.locator(".seek").evaluate((seek) => {
      seek.value = "6";
      seek.dispatchEvent(new Event("input"));
      seek.dispatchEvent(new Event("change"));
    });
    await until(page, () => document.querySelector("video").currentTime >= 6);
    check((await state(page)).at < 12, "it jumped to 6 s, not further");
    await page.getByRole("button", { name: "暂停" }).click();

    await page.getByRole("button", { name: "字幕" }).click();
    await page.getByRole("menuitemradio", { name: "中文" }).click();
    await page.evaluate(() => (document.querySelector("video").currentTime = 2));
    await showing(page, "第一句：春天 & <来了>");
    await page.getByRole("button", { name: "字幕" }).click();
    await page.getByRole("menuitemradio", { name: "关" }).click();
    same(await cues(page), [], "cues when they are off");

    await preview(page);
    await page.evaluate(() => (document.querySelector("video").currentTime = 19.5));
    await page.locator(".bar").getByRole("button", { name: "播放" }).click();
    await until(page, () => document.querySelector("video").ended);
    check(await page.locator(".upnext").count() === 0, "the only film of a region leads to no other");
    return `${weight} bytes at first`;
  });
}

async function preview(page) {
  const seek = await page.locator(".seek").boundingBox();
  await page.mouse.move(seek.x + seek.width * 0.5, seek.y + seek.height / 2);
  await page.locator(".preview").waitFor({ state: "visible" });
  await until(page, () => document.querySelector(".tile").style.backgroundImage !== "");
  const shown = await page.evaluate(async () => {
    const tile = document.querySelector(".tile").style;
    const image = new Image();
    image.src = tile.backgroundImage.slice(5, -2);
    await image.decode();
    const [x, y] = tile.backgroundPosition.split(" ").map((n) => Math.abs(parseFloat(n)));
    return { fits: x + parseFloat(tile.width) <= image.naturalWidth && y + parseFloat(tile.height) <= image.naturalHeight, place: `${x},${y}`, time: document.querySelector(".preview span").textContent };
  });
  check(shown.fits, `the tile at ${shown.place} lies on its sheet`);
  check(/^0:(09|10)$/.test(shown.time), `half of 20 s is ${shown.time}`);
  check(shown.place !== "0,0", "half of the film is not its first tile");
  await page.mouse.move(5, 5);
  await page.locator(".preview").waitFor({ state: "hidden" });
}

async function keyboard() {
  await visit("index.html", async (page) => {
    await page.keyboard.press("Tab");
    same(await page.evaluate(() => document.activeElement.className), "skip", "the first stop");
    await page.keyboard.press("Enter");
    same(await page.evaluate(() => document.activeElement.id), "main", "where it leads");
    await page.keyboard.press("Tab");
    await page.keyboard.type("youzimu");
    await page.waitForFunction(() => document.querySelectorAll("#films > li:not([hidden])").length === 1);
    for (let stop = 0; stop < 8 && !(await page.evaluate(() => document.activeElement.matches(".card"))); stop += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/v\//);

    const key = (name) => page.keyboard.press(name);
    await key(" ");
    await plays(page);
    await key(" ");
    await until(page, () => document.querySelector("video").paused);
    const at = (await state(page)).at;
    await key("ArrowRight");
    await until(page, (from) => Math.abs(document.querySelector("video").currentTime - from - 5) < 0.6, at);
    await key("ArrowLeft");
    await until(page, (from) => Math.abs(document.querySelector("video").currentTime - from) < 0.6, at);
    await key("m");
    same((await state(page)).muted, true, "muted");
    await key("m");
    await key("c");
    await until(page, () => [...document.querySelector("video").textTracks].some((t) => t.mode === "showing"));
    await key("c");
    await until(page, () => ![...document.querySelector("video").textTracks].some((t) => t.mode === "showing"));
    await key("?");
    check(await page.locator("#keys").isVisible(), "the list of keys");
    await key("Escape");
    check(!(await page.locator("#keys").isVisible()), "Escape closes it");
    await key("f");
    await until(page, () => document.fullscreenElement?.id === "player");
    await key("f");
    await until(page, () => !document.fullscreenElement);
    await page.getByRole("button", { name: "速度" }).focus();
    await key("Enter");
    await key("ArrowDown");
    await key("Enter");
    same((await state(page)).rate, 1.25, "the speed from the menu");
    same(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "速度", "where the focus comes back to");
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    check(ring !== "none", "the focus is seen");
  });
}

async function noScripts() {
  await visit("index.html", async (page) => {
    same((await titles(page)).length, 2, "films");
    check(!(await page.locator("#find").isVisible()), "no search that would not work");
    await page.locator("#films a").first().click();
    const film = page.locator("video");
    check((await film.getAttribute("controls")) !== null, "the browser's own controls");
    const parts = await film.evaluate((v) => ({ source: v.querySelector("source").getAttribute("type"), text: v.querySelectorAll("track").length, poster: v.poster !== "" }));
    same(parts.source, "video/mp4", "the source");
    check(parts.poster, "a poster");
    await film.evaluate((v) => v.play());
    const at = () => film.evaluate((v) => v.currentTime);
    for (let wait = 0; wait < 50 && (await at()) < 0.3; wait += 1) await new Promise((ready) => setTimeout(ready, 200));
    check((await at()) >= 0.3, "it plays");
  }, { javaScriptEnabled: false });
}

async function asFile() {
  await visit(pathToFileURL(path.join(site, "index.html")).href, async (page) => {
    check(await page.evaluate(() => getComputedStyle(document.body).backgroundColor === "rgb(247, 245, 240)"), "the style sheet holds");
    await page.fill("#q", "youzimu");
    await page.waitForFunction(() => document.querySelectorAll("#films > li:not([hidden])").length === 1);
    await page.locator("#films a:visible").first().click();
    await page.locator("button.big").click();
    await plays(page);
    same((await state(page)).way, "mp4", "what plays");
    await page.getByRole("button", { name: "字幕" }).click();
    await page.getByRole("menuitemradio", { name: "中文" }).click();
    await page.evaluate(() => (document.querySelector("video").currentTime = 2));
    await showing(page, "第一句：春天 & <来了>");
    check(!(await page.getByRole("button", { name: "清晰度" }).isVisible()), "one quality, no menu");
    await preview(page);
    await page.getByRole("link", { name: /全部|展播|限制/ }).first().click();
    await page.waitForURL(/site\/index\.html/);
  });
}

async function noEngine() {
  await visit(FILM, async (page) => {
    await page.locator("button.big").click();
    await plays(page);
    same((await state(page)).way, "mp4", "what plays");
    check(!(await page.getByRole("button", { name: "清晰度" }).isVisible()), "one quality, no menu");
  }, { prepare: (page) => page.route("**/hls.min.js*", (route) => route.abort()), expected: ["hls.min.js", "ERR_FAILED"] });
}

async function native() {
  return visit(FILM, async (page) => {
    if (!(await page.evaluate(() => document.querySelector("video").canPlayType("application/vnd.apple.mpegurl")))) return "this browser has none";
    await page.locator("button.big").click();
    await plays(page);
    const { way } = await state(page);
    return `plays by ${way}`;
  }, { prepare: (page) => page.addInitScript(() => { delete globalThis.MediaSource; }) });
}

async function accessible() {
  const audit = async (page, what) => {
    await page.evaluate(AXE);
    const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    const told = found.violations.map((v) => `${what}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 120)).slice(0, 3).join(" ")}`);
    check(told.length === 0, told.join("\n"));
  };
  for (const [colorScheme, viewport] of [["light", { width: 1366, height: 900 }], ["dark", PHONE]]) {
    for (const address of ["index.html", REGION, FILM]) {
      await visit(address, async (page) => {
        await audit(page, `${address} ${colorScheme}`);
        if (address !== FILM) return;
        await page.getByRole("button", { name: "清晰度" }).click();
        await audit(page, "the menu");
        await page.keyboard.press("Escape");
        await page.keyboard.press("?");
        await audit(page, "the list of keys");
      }, { colorScheme, viewport, bypassCSP: true });
    }
  }
}
