/** Bad days in the middle of a payment: what was agreed holds, and nothing is paid twice. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  closeBrowser, isOffered, keepsTheRules, startWorld, until, visit,
} from "./support.mjs";

const ends = [];
let world;
let renter;
before(async () => {
  world = await startWorld({ after: (end) => ends.unshift(end) });
  renter = await world.call.wallet("renter");
});
after(async () => {
  for (const end of ends) await end();
  await closeBrowser();
});

async function toPayment(t, options = {}) {
  await isOffered(world);
  const visitor = await visit(t, world, { wallet: { seed: renter.seed }, ...options });
  const { page, at } = visitor;
  await page.goto("/?card=cpu");
  await until(async () => (await at("offer-rent").count()) > 0).catch(async (error) => {
    throw new Error(`${error.message}; the page: ${await page.locator("main").innerText()}; `
      + `the market: ${await (await fetch(`${world.url}/v1/offers`)).text()}`);
  });
  await at("offer-rent").first().click();
  await at("key-text").fill(await world.call.ssh_key());
  await at("wallet-choose").first().click();
  await at("wallet-address").waitFor();
  await until(async () => at("pay").isEnabled());
  return visitor;
}

async function ready({ page, at }) {
  await page.waitForURL(/\/paying\//, { timeout: 60_000 });
  await until(async () => (await at("paying-phase").getAttribute("data-phase")) === "ready", 60);
  return new URL(page.url()).pathname.split("/").at(-1);
}
const stop = (lease) => world.call.cli("renter", "stop", lease, "--yes");

test("a wallet that was left open until the blockhash died is asked again", async (t) => {
  const visitor = await toPayment(t, { may: [/status of (400|409|410|422)/] });
  // The chain goes on by more than a blockhash lives while the wallet is open.
  await visitor.page.evaluate(() => { globalThis.testWallet.delayMs = 8_000; });
  const asked = () => visitor.page.evaluate(() =>
    globalThis.testWallet.calls.filter((one) => one === "transaction").length);
  await visitor.at("pay").click();
  await until(async () => (await asked()) === 1);
  await world.call.fault("expire", { count: 1 });
  const lease = await ready(visitor);
  assert.ok((await asked()) >= 2, "signed anew, over another blockhash");
  await stop(lease);
});

test("a quote that ended while the wallet was open costs nothing", async (t) => {
  const visitor = await toPayment(t, { may: [/status of (400|404|409|410|422)/] });
  const { page, at } = visitor;
  const asked = () => page.evaluate(() =>
    globalThis.testWallet.calls.filter((one) => one === "transaction").length);
  await page.evaluate(() => { globalThis.testWallet.delayMs = 8_000; });
  const before = await world.call.balance(renter.address);
  await at("pay").click();
  await until(async () => (await asked()) === 1);
  await world.call.warp(120); // a quote lives for 60 s of the chain
  await until(async () => at("pay").isEnabled(), 60);
  assert.equal(await world.call.balance(renter.address), before);
  await page.evaluate(() => { globalThis.testWallet.delayMs = 0; });
  await at("pay").click();
  await stop(await ready(visitor));
});

test("a reload while the wallet is open loses nothing", async (t) => {
  const visitor = await toPayment(t);
  const { page, at } = visitor;
  await page.evaluate(() => { globalThis.testWallet.delayMs = 60_000; });
  const before = await world.call.balance(renter.address);
  await at("pay").click();
  await until(async () => (await at("pay-state").getAttribute("data-stage")) === "asking");
  // The other way to pay is closed meanwhile: one payment at a time.
  await at("phone").locator("summary").click({ force: true });
  assert.equal(await at("phone").getAttribute("open"), null);
  await page.reload();
  assert.equal(await world.call.balance(renter.address), before);
  await until(async () => at("pay").isEnabled(), 90);
  await at("pay").click();
  await stop(await ready(visitor));
});

test("a connection that is gone for a moment after paying is nothing", async (t) => {
  const visitor = await toPayment(t, { may: [/ERR_INTERNET_DISCONNECTED|ERR_FAILED/] });
  const { page, at, context } = visitor;
  await at("pay").click();
  await page.waitForURL(/\/paying\//);
  await context.setOffline(true);
  await page.waitForTimeout(1_500);
  await context.setOffline(false);
  await stop(await ready(visitor));
});

test("a payment whose answer is lost on the way back is not paid twice", async (t) => {
  const visitor = await toPayment(t, { may: [/ERR_FAILED|ERR_CONNECTION/] });
  const { page, at, context } = visitor;
  let lost = 0;
  await context.route("**/v1/transactions", async (route) => {
    if (lost++ > 0) return route.continue();
    await route.fetch(); // the market has it
    return route.abort();
  });
  const leases = async () => (await world.call.cli("renter", "ls")).json.leases.length;
  const before = await leases();
  await at("pay").click();
  const lease = await ready(visitor);
  assert.ok(lost >= 1);
  assert.equal(await leases(), before + 1);
  assert.equal(await page.evaluate(() =>
    globalThis.testWallet.calls.filter((one) => one === "transaction").length), 1);
  await stop(lease);
});

test("two tabs show one lease, and hear of its stop", async (t) => {
  const visitor = await toPayment(t);
  await visitor.at("pay").click();
  const lease = await ready(visitor);
  const other = await visitor.context.newPage();
  await other.goto("/leases");
  const running = other.locator('[data-testid="machine-row"][data-state="active"]');
  await running.first().waitFor({ timeout: 30_000 });
  assert.equal(await running.count(), 1);
  assert.equal(await running.first().getAttribute("data-lease"), lease);
  await keepsTheRules(other, "machines-list");
  await other.close();
  const { page, at } = visitor;
  await page.goto(`/leases/${lease}`);
  const second = await visitor.context.newPage();
  await second.goto(`/leases/${lease}`);
  await at("stop-do").click();
  await at("stop-done").waitFor({ timeout: 40_000 });
  // The other tab hears of it by itself.
  await until(async () => (await second.getByTestId("stop-do").count()) === 0, 40);
  await second.close();
});

/** Once its window is over a dispute is settled without anybody's word, and none is asked for. The
 * market would settle it at once: its answer alone is of then. */
async function overIsOver({ page, at }, lease) {
  const isOfLease = (url) => url.pathname === `/v1/leases/${lease}`;
  await page.route(isOfLease, async (route) => {
    const response = await route.fetch();
    const json = { ...await response.json(), window_ends_at: "2001-01-01T00:00:00Z" };
    await route.fulfill({ response, json });
  });
  await page.reload();
  await at("contested-until").waitFor();
  assert.equal(await at("contested-until").getAttribute("data-seconds"), "0");
  assert.equal(await at("concede").count(), 0);
  await page.unroute(isOfLease);
  await page.reload();
  await at("concede").waitFor();
}

test("a dispute is conceded by a click, and what waited is paid at once", async (t) => {
  // The host is asked for figures, and does not answer.
  const visitor = await toPayment(t, { may: [/status of (4|5)\d\d/] });
  const { page, at } = visitor;
  await at("pay").click();
  const lease = await ready(visitor);
  const paid = async () => BigInt(await world.call.balance(world.addresses.host))
    + BigInt(await world.call.balance(world.addresses.treasury));
  const amountOf = async (id) => BigInt(await at(id).getAttribute("data-lamports"));
  await world.call.host_freeze("host", true); // it gives no last proof, which would end the dispute
  try {
    await world.call.warp(30); // less than a minute: no proof is due yet
    await page.goto(`/leases/${lease}`);
    await at("dispute").click();
    await at("dispute-do").click();
    await at("contested-until").waitFor({ timeout: 40_000 });
    const waits = await amountOf("contested-amount");
    assert.ok(waits > 0n);
    assert.ok(Number(await at("contested-until").getAttribute("data-seconds")) > 20_000);
    await overIsOver(visitor, lease);
    const before = await paid();
    const mine = BigInt(await world.call.balance(renter.address));
    await at("concede").click();
    await keepsTheRules(page, "dispute");
    assert.equal(await amountOf("concede-amount"), waits);
    await at("concede-do").click();
    await at("stop-done").waitFor({ timeout: 40_000 });
    assert.equal(await paid() - before, waits, "to the host and the market, at once");
    const back = BigInt(await world.call.balance(renter.address)) - mine;
    assert.ok(back > 2_900_000n && back <= 2_951_041n, `the bond is back, but for a fee: ${back}`);
    assert.equal(await world.call.account(lease), null);
  } finally {
    await world.call.host_freeze("host", false);
  }
});

test("an offer that somebody else took is said, and others are shown", async (t) => {
  await isOffered(world);
  const visitor = await visit(t, world, {
    wallet: { seed: renter.seed }, may: [/status of (404|409|410|429)/],
  });
  const { page, at } = visitor;
  await page.goto("/?card=cpu");
  await at("offer-rent").first().click();
  await at("checkout-title").waitFor();
  const taken = await world.call.wallet("other");
  assert.ok(taken.address);
  const rented = await world.call.cli("other", "rent", "cpu", "--minutes", 10, "--disk", "2GB",
    "--ssh-key", await world.call.ssh_key_file(), "--yes");
  assert.equal(rented.code, 0, rented.text);
  await at("key-text").fill(await world.call.ssh_key());
  await at("wallet-choose").first().click();
  await at("offer-gone").waitFor({ timeout: 30_000 });
  await world.call.cli("other", "stop", rented.json.lease, "--yes");
});
