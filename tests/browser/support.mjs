/** What every test of the page stands on: a real stack, a real Chromium, and a watch over both.
 *
 * A page that logs an error, breaks its policy or asks another machine for anything fails its test,
 * whatever the test is about. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { walletScript } from "./wallet.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const kShots = here("../../build/shots/");
const kLooks = [[1280, "light"], [1280, "dark"], [360, "light"], [360, "dark"]];

/** Starts a stack; it ends with the test. `call.NAME(...)` are the methods of world.py. */
export async function startWorld(t, options = {}) {
  const words = ["-B", here("world.py"), JSON.stringify(options)];
  const child = spawn("/usr/bin/python3", words,
    { stdio: ["pipe", "pipe", process.env.OBELISK_TALK ? "inherit" : "ignore"] });
  const ended = new Promise((done) => child.once("exit", done));
  t.after(async () => {
    child.stdin.end();
    await ended;
  });
  const waiting = new Map();
  let next = 0;
  let ready;
  const first = new Promise((done, failed) => {
    ready = done;
    void ended.then((code) => failed(new Error(`the stack ended with ${code}`)));
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const said = JSON.parse(line);
    if (said.endpoints) return ready(said);
    const { done, failed } = waiting.get(said.id);
    waiting.delete(said.id);
    return said.error ? failed(new Error(said.error)) : done(said.result);
  });
  // A stack that ended answers nothing any more: a test that waits for it would wait for ever.
  void ended.then((code) => {
    for (const { failed } of waiting.values()) failed(new Error(`the stack ended with ${code}`));
  });
  const call = new Proxy({}, {
    get: (_, name) => (...words) => new Promise((done, failed) => {
      const id = next++;
      waiting.set(id, { done, failed });
      child.stdin.write(`${JSON.stringify({ id, do: name, with: words })}\n`);
    }),
  });
  const { endpoints, addresses } = await first;
  return { url: endpoints.market, endpoints, addresses, call };
}

let shared;
export function openBrowser() {
  shared ??= chromium.launch({
    executablePath: process.env.OBELISK_CHROMIUM ?? "/usr/bin/chromium",
    // Root has no sandbox of Chromium's; what it loads here is ours alone. Names below localhost
    // lead here without a name server.
    args: ["--no-sandbox", "--disable-dev-shm-usage",
      "--host-resolver-rules=MAP *.localhost 127.0.0.1"],
  });
  return shared;
}
export async function closeBrowser() {
  await (await shared)?.close();
  shared = undefined;
}

/** A visitor: a browser context of its own. `wallet` is {seed, ...switches} of wallet.mjs; `may`
 * are patterns of console errors that the test is about. */
export async function visit(t, world, {
  wallet, width = 1280, height = 900, theme = "light", locale = "en-US", may = [], permissions = [],
} = {}) {
  const context = await (await openBrowser()).newContext({
    baseURL: world.url, viewport: { width, height }, colorScheme: theme, locale, permissions,
    reducedMotion: "reduce", acceptDownloads: true,
  });
  // Wallets are everywhere; this one is where the page is, and not on ports of machines.
  const script = wallet && `if (location.origin === ${JSON.stringify(new URL(world.url).origin)}) {
    ${walletScript(wallet)} }`;
  if (script) await context.addInitScript({ content: script });
  const wrong = [];
  // Here a lease's network comes and goes on the machine of the browser, which takes that for a
  // network of its own that changed, and cuts what is on its way.
  const note = (text) => {
    const isAllowed = [/ERR_NETWORK_CHANGED/, ...may].some((pattern) => pattern.test(text));
    if (!isAllowed) wrong.push(text);
  };
  context.on("weberror", (error) => note(`thrown: ${error.error()}`));
  context.on("console", (message) => {
    // What a machine's own ports answer is no matter of ours.
    const isOurs = !/\/\/[^/]*\.localhost/.test(message.location().url);
    if (message.type() === "error" && isOurs) {
      note(`console: ${message.text()} ${message.location().url}`);
    }
  });
  const own = new URL(world.url).host;
  context.on("request", (request) => {
    const url = new URL(request.url());
    const isOurs = ["data:", "blob:", "about:"].includes(url.protocol) || url.host === own
      || url.hostname.endsWith(".localhost");
    if (!isOurs) note(`asked elsewhere: ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(wrong, [], "the page did something that no page of ours may");
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  // As a person does where the first script was cut, which then nobody could ask for again.
  const goto = page.goto.bind(page);
  page.goto = async (path, options) => {
    const answer = await goto(path, options);
    const isOurs = new URL(page.url()).origin === new URL(world.url).origin;
    if (isOurs) await page.locator("main").waitFor({ timeout: 6_000 }).catch(() => goto(path));
    return answer;
  };
  return { page, context, at: (id) => page.getByTestId(id) };
}

/** Waits for a truth that no element shows. */
export async function until(what, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await what();
    if (seen) return seen;
    assert.ok(Date.now() < end, `still ${JSON.stringify(seen)} after ${seconds} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Until something is offered: a quote that nobody pays holds its offer for as long as it lives. */
export const isOffered = (world) => until(async () =>
  (await (await fetch(`${world.url}/v1/offers`)).json()).offers.some((one) => one.count > 0), 90);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What of the rules of accessibility, as far as a program can tell, the page breaks. */
export async function violations(page) {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  return found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((one) => one.html)}`);
}

/** How much wider than its window a page is. */
export const overflow = (page) => page.evaluate(() =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The page as it is now keeps the rules, in both looks, on a desk and on a phone. */
export async function keepsTheRules(page, name) {
  for (const [width, colorScheme] of kLooks) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await shot(page, `${name}-${width}-${colorScheme}`);
    assert.deepEqual(await violations(page), [], `${name}, ${width}, ${colorScheme}`);
    assert.equal(await overflow(page), 0, `${name} is wider than ${width}`);
  }
  const [[width, colorScheme]] = kLooks;
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
}

/** The same in German, whose words are longer, where they have the least room. */
export async function keepsTheRulesInGerman(page, name) {
  const language = page.getByTestId("language");
  await page.setViewportSize({ width: 360, height: 900 });
  await language.selectOption("de");
  await until(async () => (await page.locator("html").getAttribute("lang")) === "de");
  await shot(page, `${name}-360-german`);
  assert.deepEqual(await violations(page), [], `${name}, in German`);
  assert.equal(await overflow(page), 0, `${name} is wider than 360 in German`);
  await language.selectOption("en");
  await until(async () => (await page.locator("html").getAttribute("lang")) === "en");
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** By the keyboard to what `selector` names; `back` goes up the page. */
export async function tabTo(page, selector, { back = false, most = 120 } = {}) {
  const isThere = () => page.evaluate((wanted) =>
    document.activeElement?.matches(wanted) ?? false, selector);
  for (let i = 0; i < most && !(await isThere()); ++i) {
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
  }
  assert.ok(await isThere(), `the keyboard leads to ${selector}`);
}

/** A picture for people, in build/shots/. */
export async function shot(page, name) {
  mkdirSync(kShots, { recursive: true });
  await page.screenshot({ path: `${kShots}${name}.png`, fullPage: true });
}
