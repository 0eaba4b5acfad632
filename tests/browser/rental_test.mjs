/** From a card to a receipt, as a person does it, with a wallet in the page. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import {
  closeBrowser, isOffered, keepsTheRules, keepsTheRulesInGerman, shot, startWorld, until, visit,
} from "./support.mjs";

after(closeBrowser);

/** Picks the one real offer and gives it a key. */
async function toCheckout(world, { page, at }) {
  await isOffered(world);
  await page.goto("/?card=cpu");
  await at("offers-section").waitFor();
  await at("offer-rent").first().click();
  await at("checkout-title").waitFor();
  await at("key-text").fill(await world.call.ssh_key());
}

async function connect(at) {
  await at("wallet-choose").first().click();
  await at("wallet-address").waitFor();
}

/** The checkout's slider says what comes back after each length of time: from all of it to nothing
 * but the bond. */
async function slides({ page, at }) {
  const amount = async (id) => BigInt(await at(id).getAttribute("data-lamports"));
  const parts = await Promise.all(["price-cards", "price-disk", "price-traffic"].map(amount));
  const price = parts.reduce((sum, one) => sum + one);
  const bond = await amount("price-bond");
  const used = async () => {
    const [host, back] = [await amount("stop-used"), await amount("stop-back")];
    assert.equal(host + back, price + bond, "nothing is left out");
    return host;
  };
  await at("stop-at").focus();
  await page.keyboard.press("Home");
  assert.equal(await used(), 0n);
  for (let i = 0; i < 10; ++i) await page.keyboard.press("ArrowRight");
  assert.equal(await at("stop-at").inputValue(), "600", "a step is a minute");
  const typed = async (id) => BigInt(await at(id).inputValue());
  const minutes = await typed("time-hours") * 60n + await typed("time-minutes");
  const short = price * 10n - minutes * (await used());
  assert.ok(short >= 0n && short <= 10n + minutes, `ten of ${minutes} minutes of ${price}`);
  await page.keyboard.press("End");
  assert.ok(price - (await used()) <= 1n, "rounded for who pays");
}

/** Pays, signs in and waits until the page says that one is in. */
async function pay({ page, at }) {
  await until(async () => at("pay").isEnabled());
  await at("pay").click();
  await page.waitForURL(/\/paying\//);
  await until(async () => (await at("paying-phase").getAttribute("data-phase")) === "ready", 60);
}

test("a rental, from the card to the receipt", async (t) => {
  const world = await startWorld(t);
  const renter = await world.call.wallet("renter");
  const visitor = await visit(t, world, { wallet: { seed: renter.seed } });
  const { page, at } = visitor;
  let lease;
  let ssh;

  await t.test("the final price is shown first, and is what is taken", async () => {
    await toCheckout(world, visitor);
    await at("time-minutes").fill("30");
    await connect(at);
    await until(async () => at("pay").isEnabled());
    await slides(visitor);
    await until(async () => at("pay").isEnabled());
    const total = BigInt(await at("total").getAttribute("data-lamports"));
    const before = BigInt(await world.call.balance(renter.address));
    await pay(visitor);
    lease = new URL(page.url()).pathname.split("/").at(-1);
    const taken = before - BigInt(await world.call.balance(renter.address));
    assert.ok(taken <= total, `${taken} of at most ${total}`);
    assert.ok(total - taken <= 15_000n, "no more is left of it than the fees of the stop");
  });

  await t.test("each step has its milliseconds, and the line for ssh works", async () => {
    for (const step of ["paid", "confirmed", "preparing", "checked", "ready"]) {
      assert.equal(await at(`step-${step}`).getAttribute("data-done"), "true", step);
    }
    await keepsTheRules(page, "ready");
    await keepsTheRulesInGerman(page, "ready");
    const line = await at("ssh-line").textContent();
    const known = await at("known-host").textContent();
    ssh = (command) => world.call.ssh(line, known, command);
    assert.equal(await ssh("echo from-the-machine"), "from-the-machine\n");
  });

  await t.test("a terminal in the page runs a command in the machine", async () => {
    await at("to-lease").first().click();
    await at("terminal-open").click();
    await until(async () =>
      (await at("terminal-state").getAttribute("data-state")) === "there", 30);
    const frame = page.frameLocator('[data-testid="terminal-frame"]');
    await frame.locator(".xterm-helper-textarea").focus();
    await page.keyboard.type("echo $((6*7))-is-it > /workspace/seen; cat /workspace/seen\n");
    await frame.getByText("42-is-it").first().waitFor();
    assert.equal(await ssh("cat /workspace/seen"), "42-is-it\n");
  });

  await t.test("the entry for ssh, the log and the figures are there", async () => {
    await at("ssh-more").click();
    const entry = await at("ssh-config").textContent();
    assert.match(entry, /^Host obelisk-/);
    assert.match(entry, /^\s+KnownHostsCommand /m);
    await at("logs-look").click();
    await until(async () =>
      (await at("logs-text").textContent()).includes("Server listening"));
    await at("charts").waitFor();
    await at("chart-cpu").waitFor({ timeout: 30_000 }); // one comes every ten seconds
    assert.ok(Number(await at("chart-cpu").getAttribute("data-points")) >= 1);
    await keepsTheRules(page, "machine");
    await keepsTheRulesInGerman(page, "machine");
  });

  await t.test("after a reload the same shell is there", async () => {
    await page.reload();
    await at("terminal-open").click();
    await until(async () =>
      (await at("terminal-state").getAttribute("data-state")) === "there", 30);
    const frame = page.frameLocator('[data-testid="terminal-frame"]');
    await frame.getByText("42-is-it").first().waitFor();
  });

  await t.test("a published port opens in another tab", async () => {
    await ssh(
      "cd /workspace; echo hello-from-the-port > index.html; " +
      "setsid python3 -m http.server 8765 --bind 127.0.0.1 >/dev/null 2>&1 </dev/null &");
    await at("ports-port").fill("8765");
    await at("ports-make").click();
    await at("ports-link").waitFor();
    const other = await visitor.context.newPage();
    await until(async () => {
      await other.goto(await at("ports-link").getAttribute("href")).catch(() => undefined);
      return (await other.content()).includes("hello-from-the-port");
    }, 20);
    assert.doesNotMatch(other.url(), /obelisk-pass/, "the pass does not stay in the address");
    await other.close();
  });

  await t.test("more time is bought at the same rate", async () => {
    const ends = async () =>
      (await (await fetch(`${world.url}/v1/leases/${lease}`)).json()).ends_at_s;
    const before = await ends();
    await at("extend-minutes").fill("10");
    await at("extend-do").click();
    await at("extend-done").waitFor({ timeout: 30_000 });
    assert.equal(await ends() - before, 600);
  });

  await t.test("what comes back is shown before the stop, and comes", async () => {
    await world.call.warp(60);
    const shown = BigInt(await at("stop-back").getAttribute("data-lamports"));
    assert.ok(shown > 0n);
    assert.match(await at("machine-back-usd").textContent(), /^(≈|<) \$/);
    assert.ok(await at("stop-destroyed").isVisible(), "what is lost is said before");
    const bond = BigInt(await at("stop-bond").getAttribute("data-lamports"));
    const before = BigInt(await world.call.balance(renter.address));
    await at("stop-do").click();
    await at("stop-done").waitFor({ timeout: 40_000 });
    const back = BigInt(await world.call.balance(renter.address)) - before;
    // What it used meanwhile, and the network's fee for the stop.
    const missing = shown + bond - back;
    assert.ok(missing >= 0n && missing <= 40_000n, `${missing} less than was shown`);
  });

  await t.test("the receipt is a page and a file that the client finds right", async () => {
    await page.goto(`/leases/${lease}/receipt`);
    await at("receipt").waitFor();
    await at("receipt-transactions").waitFor({ timeout: 60_000 });
    const steps = await at("receipt-tx").evaluateAll((rows) =>
      rows.map((row) => row.dataset.steps));
    assert.deepEqual([steps[0], steps[1]], ["open", "ready"], steps);
    assert.ok(steps.some((one) => one.includes("extend")), steps);
    for (const [name, id] of [
      ["open", "receipt-tx-open"], ["ready", "receipt-tx-ready"], ["stop", "receipt-tx-stop"],
    ]) {
      const facts = await (await fetch(`${world.url}/v1/leases/${lease}`)).json();
      assert.equal(await at(id).getAttribute("title"), facts.signatures[name], name);
    }
    await keepsTheRules(page, "receipt");
    await keepsTheRulesInGerman(page, "receipt");
    const [file] = await Promise.all([
      page.waitForEvent("download"), at("receipt-file").click(),
    ]);
    assert.equal(file.suggestedFilename(), `receipt-${lease.slice(0, 8)}.json`);
    const path = await file.path();
    const saved = JSON.parse(readFileSync(path, "utf8"));
    assert.equal(saved.lease, lease);
    assert.ok(saved.terms, "who is signed in as the renter is given the terms");
    assert.equal(await at("receipt-file-short").count(), 0);
    const verified = await world.call.cli("renter", "receipt", "--verify", path);
    assert.equal(verified.code, 0, verified.text + verified.errors);
    assert.equal(verified.json.verified, true);
  });

  await t.test("anybody has the receipt, without the terms", async (t) => {
    const { page: other, at: there } = await visit(t, world);
    await other.goto(`/leases/${lease}/receipt`);
    await there("receipt-file-short").waitFor({ timeout: 60_000 });
    const [file] = await Promise.all([
      other.waitForEvent("download"), there("receipt-file").click(),
    ]);
    const path = await file.path();
    assert.equal(JSON.parse(readFileSync(path, "utf8")).terms, null);
    const verified = await world.call.cli("renter", "receipt", "--verify", path);
    assert.equal(verified.code, 0, verified.text + verified.errors);
  });
});

test("what goes wrong is said, with what it cost", async (t) => {
  const world = await startWorld(t);
  const renter = await world.call.wallet("renter");

  await t.test("a wallet that refuses costs nothing", async (t) => {
    const visitor = await visit(t, world, { wallet: { seed: renter.seed } });
    await toCheckout(world, visitor);
    await connect(visitor.at);
    await visitor.page.evaluate(() => { globalThis.testWallet.refuse = ["transaction"]; });
    await until(async () => visitor.at("pay").isEnabled());
    const before = await world.call.balance(renter.address);
    await visitor.at("pay").click();
    await visitor.at("error").first().waitFor();
    assert.equal(await visitor.at("error").first().getAttribute("data-code"), "declined");
    assert.equal(await world.call.balance(renter.address), before);
    await shot(visitor.page, "declined");
  });

  await t.test("a wallet with too little is told how much", async (t) => {
    const poor = await world.call.wallet("poor", 0);
    const visitor = await visit(t, world, {
      wallet: { seed: poor.seed }, may: [/status of (4|5)\d\d/],
    });
    await toCheckout(world, visitor);
    await connect(visitor.at);
    await until(async () => visitor.at("pay").isEnabled());
    await visitor.at("pay").click();
    await visitor.at("pay-poor").waitFor();
  });

  await t.test("a wallet that gives back another transaction is not obeyed", async (t) => {
    const visitor = await visit(t, world, { wallet: { seed: renter.seed } });
    await toCheckout(world, visitor);
    await connect(visitor.at);
    await visitor.page.evaluate(() => { globalThis.testWallet.bend = true; });
    await until(async () => visitor.at("pay").isEnabled());
    const before = await world.call.balance(renter.address);
    await visitor.at("pay").click();
    await visitor.at("error").first().waitFor();
    assert.equal(await world.call.balance(renter.address), before);
  });

  await t.test("an offer that is gone says so, and leads on", async (t) => {
    const visitor = await visit(t, world, { may: [/status of 404/] });
    await visitor.page.goto("/rent/offer-that-never-was");
    await visitor.at("offer-gone").waitFor();
  });

  await t.test("where the market gives nothing back by itself, a click does", async (t) => {
    const visitor = await visit(t, world, { wallet: { seed: renter.seed } });
    const { page, at } = visitor;
    const phase = () => at("paying-phase").getAttribute("data-phase");
    await toCheckout(world, visitor);
    await connect(at);
    await until(async () => at("pay").isEnabled());
    const before = BigInt(await world.call.balance(renter.address));
    await world.call.host_freeze("host", true);
    try {
      await at("pay").click();
      await page.waitForURL(/\/paying\//);
      await until(async () => (await phase()) === "waiting");
      await world.call.watch_freeze(true);
      await world.call.warp(65);
      await page.reload(); // chain time is asked for as a page is opened
      await until(async () => (await phase()) === "missed");
      await keepsTheRules(page, "missed-minute");
      assert.equal(await phase(), "missed", "nobody else gave it back");
      await at("take-back").click();
      await until(async () => (await phase()) === "back", 40);
      const cost = before - BigInt(await world.call.balance(renter.address));
      assert.ok(cost <= 20_000n, `only network fees are gone, not ${cost}`);
    } finally {
      await world.call.watch_freeze(false);
      await world.call.host_freeze("host", false);
    }
  });
});

test("a host that misses the minute gives everything back", async (t) => {
  const world = await startWorld(t, { terms: { "ready-deadline-s": 30 } });
  const renter = await world.call.wallet("renter");
  const visitor = await visit(t, world, { wallet: { seed: renter.seed } });
  const { page, at } = visitor;
  await toCheckout(world, visitor);
  await connect(at);
  await until(async () => at("pay").isEnabled());
  const before = BigInt(await world.call.balance(renter.address));
  await world.call.host_freeze("host", true);
  try {
    await at("pay").click();
    await page.waitForURL(/\/paying\//);
    await page.reload(); // in the middle of everything
    await at("paying-phase").waitFor();
    await world.call.warp(35);
    await until(async () =>
      ["missed", "back"].includes(await at("paying-phase").getAttribute("data-phase")), 40);
    await until(async () => (await at("paying-phase").getAttribute("data-phase")) === "back", 60);
    await shot(page, "missed");
    const cost = before - BigInt(await world.call.balance(renter.address));
    assert.ok(cost <= 10_000n, `only network fees are gone, not ${cost}`);
  } finally {
    await world.call.host_freeze("host", false);
  }
});
