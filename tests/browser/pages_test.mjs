/** Every page: rules of accessibility, two widths, two looks, two languages, the keyboard, and data
 * that means harm. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import {
  closeBrowser, overflow, shot, startWorld, tabTo, until, violations, visit,
} from "./support.mjs";

const kWidths = { phone: 360, desk: 1280 };

const ends = [];
let world;
let places;

before(async () => {
  world = await startWorld({ after: (end) => ends.unshift(end) });
  await world.call.demo_host(1, "NVIDIA GeForce RTX 4090", 24, 2);
  await world.call.demo_host(2, "NVIDIA A40", 48, 1);
  const offers = () => fetch(`${world.url}/v1/offers`).then((answer) => answer.json());
  await until(async () => (await offers()).offers.length >= 3, 30);
  const offer = (await offers()).offers.find((one) => one.card === "cpu");
  // Each with what is there once it has loaded: on a slow machine no pause is long enough.
  places = {
    cards: ["/", "card"],
    offers: ["/?card=rtx-4090", "offer"],
    checkout: [`/rent/${offer.id}`, "total"],
    machines: ["/leases", "sign-in"],
    join: ["/hosts", "join-step"],
    host: [`/hosts/${world.addresses.host}`, "offer"],
    market: ["/market", /^market-(kept|no-leases)$/],
    docs: ["/docs", "docs-step"],
    "docs-how": ["/docs/how", "docs-step"],
    "docs-safety": ["/docs/safety", "docs-keys"],
    "docs-fees": ["/docs/fees", "docs-returns"],
    "docs-search": ["/docs/search", "docs-fields"],
    "docs-api": ["/docs/api", "api-group"],
    program: ["/program", "program-program"],
  };
});
after(async () => {
  for (const end of ends) await end();
  await closeBrowser();
});

/** Goes to one of the places, until what it is about is shown. */
async function open(page, [path, ready]) {
  await page.goto(path);
  await page.locator("h1").first().waitFor();
  await page.getByTestId(ready).first().waitFor();
}

for (const theme of ["light", "dark"]) {
  for (const [size, width] of Object.entries(kWidths)) {
    test(`every page keeps the rules, ${theme}, ${size}`, async (t) => {
      const { page } = await visit(t, world, { theme, width });
      for (const [name, place] of Object.entries(places)) {
        await open(page, place);
        await shot(page, `${name}-${size}-${theme}`);
        assert.deepEqual(await violations(page), [], name);
        assert.equal(await overflow(page), 0, `${name} is wider than its window`);
      }
    });
  }
}

test("in German every page says the same, in German", async (t) => {
  const { page } = await visit(t, world, { locale: "de-DE" });
  for (const [name, place] of Object.entries(places)) {
    await open(page, place);
    assert.equal(await page.locator("html").getAttribute("lang"), "de", name);
    assert.equal(await page.getByTestId("nav-market").textContent(), "Markt");
  }
  await shot(page, "program-desk-german");
  await page.getByTestId("language").selectOption("en");
  await until(async () => (await page.getByTestId("nav-market").textContent()) === "Market");
});

test("a key is made in the page, and its private half is a file", async (t) => {
  const { page, at } = await visit(t, world, {});
  await open(page, places.checkout);
  const [file] = await Promise.all([page.waitForEvent("download"), at("key-make").click()]);
  await at("key-made").waitFor();
  assert.equal(file.suggestedFilename(), await at("key-download").getAttribute("download"));
  const folder = mkdtempSync(join(tmpdir(), "obelisk-key-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const own = join(folder, "key");
  copyFileSync(await file.path(), own);
  chmodSync(own, 0o600); // ssh takes no other
  const { stdout: line } = await promisify(execFile)("ssh-keygen", ["-y", "-P", "", "-f", own]);
  const shown = await at("key-text").inputValue();
  assert.match(line, /^ssh-ed25519 /);
  assert.deepEqual(shown.split(" ").slice(0, 2), line.trim().split(" ").slice(0, 2));
});

test("a key that is typed, comment and all, stays as it is typed", async (t) => {
  const { page, at } = await visit(t, world, {});
  await open(page, places.checkout);
  const line = await world.call.ssh_key();
  await at("key-text").pressSequentially(`${line} of mine`);
  assert.equal(await at("key-text").inputValue(), `${line} of mine`);
  await page.reload();
  await until(async () => (await at("key-text").inputValue()) === `${line} of mine`);
});

// Markup, a script's address, right-to-left marks, control characters, and four thousand bytes.
const kHarm = `<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1</script>`
  + `\u202e\u2066javascript:globalThis.harmed=1\u0007\u001b[2J ${"W".repeat(4000)}`;
// As much of it as is left wherever a name is cut, and the pages that show names.
const kSeen = "<img src=x onerror=";
const kNamed = new Set(["offers", "checkout", "host"]);
const kTold = new Set(["card_name", "name", "region", "message", "source", "detail", "title",
  "action", "user", "label", "template", "driver_name"]);
function harm(value, key = "") {
  if (Array.isArray(value)) return value.map((one) => harm(one));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, harm(one, name)]));
  }
  return typeof value === "string" && kTold.has(key) ? kHarm : value;
}

async function firstEvents(url) {
  const end = new AbortController();
  const answer = await fetch(url, { signal: end.signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const endMs = Date.now() + 300;
  let text = "";
  while (Date.now() < endMs) {
    const piece = await Promise.race([reader.read(),
      new Promise((done) => setTimeout(done, 100, { value: "" }))]);
    text += piece.value ?? "";
  }
  end.abort();
  return text.split("\n").map((line) => line.startsWith("data: ")
    ? `data: ${JSON.stringify(harm(JSON.parse(line.slice(6))))}` : line).join("\n");
}

async function harmAnswer(route) {
  const answer = await route.fetch().catch(() => undefined);
  const type = answer?.headers()["content-type"] ?? "";
  if (!answer || !type.includes("json")) return route.continue().catch(() => undefined);
  return route.fulfill({ response: answer, json: harm(await answer.json()) });
}

test("what means harm is text", async (t) => {
  for (const width of Object.values(kWidths)) {
    const { page, context } = await visit(t, world, { width });
    await context.route("**/v1/**", harmAnswer);
    // A stream is never whole: its first part is answered, and then it ends.
    await context.route("**/v1/offers/events**", async (route) => {
      const body = await firstEvents(route.request().url());
      await route.fulfill({ contentType: "text/event-stream", body }).catch(() => undefined);
    });
    for (const [name, place] of Object.entries(places)) {
      await open(page, place);
      assert.equal(await page.evaluate(() => globalThis.harmed), undefined, name);
      // Else nothing of it was there to do harm.
      const isNamed = kNamed.has(name);
      if (isNamed) assert.ok(await page.getByText(kSeen).count() > 0, `${name} shows the names`);
      assert.equal(await page.locator("img[src=x]").count(), 0, `${name}: markup became markup`);
      assert.equal(await overflow(page), 0, `${name} is wider than its window`);
    }
    await shot(page, `harm-${width}`);
    await context.close();
  }
});

test("a search is in its address, and can be shared", async (t) => {
  const { page, at } = await visit(t, world, {});
  await page.goto("/?card=rtx-4090");
  await at("offer").first().waitFor();
  assert.ok(await at("simulated").count() > 0, "simulated offers are marked");
  await at("filter-more").click();
  await at("filter-q").fill("gpus>=2");
  await until(() => /q=gpus/.test(decodeURIComponent(page.url())));
  const other = await visit(t, world, {});
  await other.page.goto(page.url());
  await other.at("offer").first().waitFor();
  assert.equal(await other.at("filter-q").inputValue(), "gpus>=2");
});

/** What a lease's pages show of names and words that mean harm. `context` is signed in. */
async function harmsNobody(context, lease) {
  const page = await context.newPage();
  // Events are told by the trail as well.
  await page.route(/\/events(\?|$)/, (route) => route.abort());
  await page.route(/\/v1\/leases(\/[A-Za-z0-9]+(\/receipt)?)?(\?|$)/, harmAnswer);
  // Where the kind is known the words are the page's own: one more, of a kind that is not.
  await page.route(/\/trail(\?|$)/, async (route) => {
    const response = await route.fetch();
    const { entries, ...rest } = harm(await response.json());
    const last = { ...entries.at(-1), seq: entries.at(-1).seq + 1, kind: "of_tomorrow" };
    await route.fulfill({ response, json: { ...rest, entries: [...entries, last] } });
  });
  await page.setViewportSize({ width: kWidths.phone, height: 900 });
  for (const [path, ready] of [
    ["/leases", "machine-row"], [`/leases/${lease}`, "trail-entry"],
    [`/leases/${lease}/receipt`, "receipt"], [`/paying/${lease}`, "paying-phase"],
  ]) {
    await open(page, [path, ready]);
    assert.equal(await page.evaluate(() => globalThis.harmed), undefined, path);
    const isNamed = path !== `/paying/${lease}`;
    if (isNamed) assert.ok(await page.getByText(kSeen).count() > 0, `${path} shows the names`);
    const told = page.locator('[data-kind="of_tomorrow"]').getByText(kSeen);
    if (ready === "trail-entry") assert.equal(await told.count(), 1, "an event's words too");
    assert.equal(await page.locator("img[src=x]").count(), 0, `${path}: markup became markup`);
    assert.equal(await overflow(page), 0, `${path} is wider than its window`);
  }
  await page.close();
}

test("by keyboard alone one rents a machine and stops it", async (t) => {
  const renter = await world.call.wallet("renter");
  const { page, at, context } = await visit(t, world, {
    wallet: { seed: renter.seed }, may: [/ERR_FAILED/], // of the events that are cut below
  });
  const press = async (id, more = "") => {
    await at(id).first().waitFor();
    await until(async () => at(id).first().isEnabled());
    await tabTo(page, `[data-testid="${id}"]${more}`);
    await page.keyboard.press("Enter");
  };
  await page.goto("/?card=cpu");
  await press("offer-rent");
  await at("checkout-title").waitFor();
  await tabTo(page, '[data-testid="key-text"]');
  await page.keyboard.insertText(await world.call.ssh_key());
  // The time stands before the key.
  await tabTo(page, '[data-testid="time-preset"][data-seconds="600"]', { back: true });
  await page.keyboard.press("Space");
  await press("wallet-choose");
  await at("wallet-address").waitFor();
  await press("pay");
  await page.waitForURL(/\/paying\//);
  await until(async () => (await at("paying-phase").getAttribute("data-phase")) === "ready", 60);
  await press("to-lease");
  const lease = new URL(page.url()).pathname.split("/").at(-1);
  // Of ten minutes the last ten are there at once.
  await at("machine-warning").waitFor();
  assert.equal(await at("machine-warning").getAttribute("data-at"), "600");
  await harmsNobody(context, lease);
  await press("stop-do");
  await at("stop-done").waitFor({ timeout: 40_000 });
});

test("a page whose script was cut says so, and how to go on", async (t) => {
  const { page, context, at } = await visit(t, world, { may: [/ERR_FAILED/] });
  await context.route("**/assets/*.js", (route) => route.abort());
  await page.goto("/", { waitUntil: "commit" });
  await at("late").waitFor({ timeout: 20_000 });
  await context.unroute("**/assets/*.js");
  await at("late").getByRole("link").click();
  await page.locator("main").waitFor();
  assert.equal(await at("late").isVisible(), false);
});
