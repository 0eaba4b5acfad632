/** Every page: rules of accessibility, two widths, two looks, two languages, the keyboard, and data
 * that means harm. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { closeBrowser, shot, startWorld, until, visit } from "./support.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
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

async function violations(page) {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  return found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((one) => one.html)}`);
}

const overflow = (page) => page.evaluate(() =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth);

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

test("by keyboard alone one comes from the cards to the checkout", async (t) => {
  const { page, at } = await visit(t, world, {});
  await page.goto("/?card=cpu");
  await at("offer-rent").first().waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-testid"));
  for (let i = 0; i < 80 && (await focused()) !== "offer-rent"; ++i) {
    await page.keyboard.press("Tab");
  }
  assert.equal(await focused(), "offer-rent", "Tab leads to it");
  await page.keyboard.press("Enter");
  await at("checkout-title").waitFor();
  for (let i = 0; i < 80 && (await focused()) !== "key-text"; ++i) await page.keyboard.press("Tab");
  assert.equal(await focused(), "key-text");
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

test("what means harm is text", async (t) => {
  for (const width of Object.values(kWidths)) {
    const { page, context } = await visit(t, world, { width });
    await context.route("**/v1/**", async (route) => {
      const answer = await route.fetch().catch(() => undefined);
      const type = answer?.headers()["content-type"] ?? "";
      if (!answer || !type.includes("json")) return route.continue().catch(() => undefined);
      return route.fulfill({ response: answer, json: harm(await answer.json()) });
    });
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
