// The page in a browser, from disk: what is shown, and that nothing is asked of any server.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, page_] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const address = pathToFileURL(resolve(page_)).href;
const said = [], requests = [];

async function load(url, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() === "error") said.push(message.text()); });
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  const start = performance.now();
  await page.goto(url);
  await page.waitForSelector("#list > li");
  return [page, performance.now() - start];
}

const [page, took] = await load(address);
const list = () => page.locator("#list").innerText();
const until = (what, text = "") => page.waitForFunction(what, text, { timeout: 20000 });
try {
  assert.match(await list(), /CND401/);
  const first = await page.getAttribute("html", "data-time");

  // From a key to the findings, with the linter warm.
  const field = (await page.isVisible("#text")) ? "#text" : ".cm-content";
  await page.click(field);
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nnot_an_option_of_it = 1\n");
  await until(() => document.getElementById("list").innerText.includes("not_an_option_of_it"));
  const next = await page.getAttribute("html", "data-time");

  // A fix, and its undoing.
  const before = await page.evaluate(() => JSON.stringify(state.files));
  await page.locator("#list button", { hasText: "Fix: " }).first().click();
  assert.notEqual(await page.evaluate(() => JSON.stringify(state.files)), before);
  await page.click("#undo");
  assert.equal(await page.evaluate(() => JSON.stringify(state.files)), before);

  // A line of a finding is where the cursor goes.
  await page.click("#example");
  await until(() => !document.getElementById("list").innerText.includes("not_an_option_of_it"));
  await page.locator("#list .place").first().click();
  assert.ok(await page.evaluate(() => document.activeElement.matches("#text, .cm-content") && document.getElementById("text").selectionStart > 0));

  // A file from disk is a tab, and the plain field says the same.
  await page.setInputFiles("#picked", { name: "other.conf", mimeType: "text/plain", buffer: Buffer.from("[DEFAULT]\r\nenabled_backends = a\r\n") });
  await page.waitForSelector('[role="tab"]:has-text("other.conf")');
  assert.equal(await page.inputValue("#text"), "[DEFAULT]\nenabled_backends = a\n");
  assert.equal(await page.evaluate(() => state.files[state.at].text), "[DEFAULT]\r\nenabled_backends = a\r\n");
  await page.click("#remove");
  if (field !== "#text") {
    await page.check("#plain");
    assert.ok(await page.isVisible("#text"));
    await page.uncheck("#plain");
  }

  // Another release, and the answers.
  await page.selectOption("#release", "train");
  await until(() => document.getElementById("counts").innerText.includes("train"));
  const table = () => page.locator("#effective").innerText();
  const shown = await table();
  await page.selectOption("#new-install", "yes");
  await until((text) => document.getElementById("effective").innerText !== text, shown);

  // A link, in which no password is.
  await page.click("#share");
  await page.waitForSelector("#shared:not([hidden])");
  await until(() => document.getElementById("shared-text").value.includes("#v1="));
  const link = await page.inputValue("#shared-text");
  const [other] = await load(link);
  const text = await other.inputValue("#text");
  assert.ok(text.includes("enabled_backends") && !text.includes("not-a-real-password"), "secrets are covered in a link");
  assert.equal(await other.inputValue("#release"), "train");

  if (process.env.SHOTS) {
    mkdirSync(process.env.SHOTS, { recursive: true });
    for (const [width, colorScheme] of [[1400, "light"], [1400, "dark"], [800, "light"], [390, "dark"]]) {
      const [shot] = await load(address, { viewport: { width, height: 900 }, colorScheme });
      await shot.screenshot({ path: `${process.env.SHOTS}/${width}-${colorScheme}.png` });
      const wide = await shot.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.ok(!wide, `nothing is wider than ${width} pixels`);
    }
  }
  const outside = requests.filter((url) => !/^(file|blob|data):/.test(url));
  assert.deepEqual([said, outside], [[], []]);
  console.log(`the page: ${Math.round(took)} ms from disk to findings; linting ${first} ms at first, ${next} ms then; no error, no request`);
} finally {
  if (said.length) console.error(said.join("\n"));
  await browser.close();
}
