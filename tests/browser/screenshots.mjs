// node screenshots.mjs OUT_DIR PICTURES_DIR: the report, and the website's pages where there are any, as PNG.

import { access } from "node:fs/promises";
import path from "node:path";

import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const PAGES = { report: "report/report.html", site: "site/index.html" };

const [out, pictures] = process.argv.slice(2).map((folder) => path.resolve(folder));
const server = await serve(out);
const browser = await launch();
for (const [name, file] of Object.entries(PAGES)) {
  const there = await access(path.join(out, file)).then(() => true, () => false);
  if (!there) continue;
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  await page.goto(`${server.origin}/${file}`, { waitUntil: "networkidle" });
  await page.screenshot({ path: path.join(pictures, `${name}.png`) });
  console.log(`${name}.png`);
}
await browser.close();
await server.close();
