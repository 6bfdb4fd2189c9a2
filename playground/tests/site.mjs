// The documentation in a browser, from disk: widths, colours, the search, and that nothing is asked of any server.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, site] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const said = [], requests = [], backgrounds = new Set();
const address = (path) => pathToFileURL(resolve(site, path)).href;
try {
  for (const [width, colorScheme] of [[390, "light"], [390, "dark"], [1400, "light"], [1400, "dark"]]) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    page.on("console", (message) => { if (message.type() === "error") said.push(message.text()); });
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    for (const path of ["index.html", "rules/CND401/index.html", "rules/CND701/index.html", "docs/rules.html", "docs/formats.html", "docs/forms.html", "options/n.html"]) {
      await page.goto(address(path));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} pixels wider than ${width}`);
      if (process.env.SHOTS) {
        mkdirSync(process.env.SHOTS, { recursive: true });
        await page.screenshot({ path: `${process.env.SHOTS}/${width}-${colorScheme}-${path.replaceAll("/", "-")}.png` });
      }
    }
    backgrounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    if (width > 1000) {
      await page.goto(address("index.html"));
      await page.click('[data-md-component="search-query"]');
      await page.keyboard.type("nas_secure_file_permissions");
      await page.waitForSelector(".md-search-result__link", { timeout: 20000, state: "attached" });
      const first = page.locator(".md-search-result__item").first();
      assert.match(await first.textContent(), /nas_secure_file_permissions/);
      assert.match(await first.locator("a").first().evaluate((link) => link.href), /^file:.*options.n\.html/);
    }
  }
  assert.equal(backgrounds.size, 2, "light and dark differ");
  assert.deepEqual([said, requests.filter((url) => !/^(file|blob|data):/.test(url))], [[], []]);
  console.log("the site: fits 390 and 1400 pixels, light and dark; the search finds; no error, no request");
} finally {
  if (said.length) console.error(said.join("\n"));
  await browser.close();
}
