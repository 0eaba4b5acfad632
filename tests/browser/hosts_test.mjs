/** A host's page as its owner and as strangers use it: what the cards do, a claim by a click, a
 * maintenance planned and taken back, and what an ended lease paid. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  closeBrowser, overflow, shot, startWorld, until, violations, visit,
} from "./support.mjs";

const ends = [];
let world;
let host;
let lease;

before(async () => {
  world = await startWorld({ after: (end) => ends.unshift(end) });
  host = await world.call.wallet("host");
  await world.call.wallet("renter");
  const rented = await world.call.cli("renter", "rent", "cpu", "--seconds", 1800, "--max-hours", 2,
    "--disk", "2GB", "--ssh-key", await world.call.ssh_key_file(), "--yes");
  assert.equal(rented.code, 0, rented.errors);
  ({ lease } = rented.json);
});
after(async () => {
  for (const end of ends) await end();
  await closeBrowser();
});

const balance = async (address) => BigInt(await world.call.balance(address));
const offered = async () => {
  const { offers } = await (await fetch(`${world.url}/v1/offers`)).json();
  return offers.filter((one) => one.host === host.address && one.count > 0).length;
};

/** The host's page, with a wallet that its visitor connected there. */
async function open(t, wallet, options = {}) {
  const visitor = await visit(t, world, { wallet: { seed: wallet.seed }, ...options });
  const { page, at } = visitor;
  await page.goto(`/hosts/${host.address}`);
  await at("host-card").first().waitFor();
  await at("host-connect").click();
  await at("wallet-choose").first().click();
  await at("wallet-address").waitFor();
  return visitor;
}

const row = ({ page }) => page.locator(`[data-testid="host-lease"][data-lease="${lease}"]`);
const cards = ({ page }, state) =>
  page.locator(`[data-testid="host-card"][data-state="${state}"]`).count();

/** Waits until so much of the lease is proven that a claim is worth its fee: chain time is moved on
 * in steps that are shorter than the gap that the watch allows. */
async function waits(visitor, lamports) {
  const waiting = async () => BigInt(await row(visitor).getAttribute("data-waiting"));
  for (let i = 0; i < 8 && (await waiting()) < lamports; ++i) {
    const seen = await waiting();
    await world.call.warp(60);
    await until(async () => (await waiting()) > seen, 40);
  }
  const now = await waiting();
  assert.ok(now >= lamports, `${now} waits`);
  return now;
}

/** Claims by a click. What the page said that it paid. */
async function claim(visitor) {
  const { page, at } = visitor;
  await page.locator(`[data-testid="claim-do"][data-lease="${lease}"]`).click();
  await at("claim-done").waitFor({ timeout: 60_000 });
  assert.equal(await at("claim-done").getAttribute("data-lease"), lease);
  assert.equal(await at("error").count(), 0);
  return BigInt(await at("claim-done").getAttribute("data-lamports"));
}

async function keepsTheRules(page, name) {
  const look = async (width, colorScheme) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
  };
  for (const width of [360, 1280]) {
    for (const colorScheme of ["light", "dark"]) {
      await look(width, colorScheme);
      await shot(page, `${name}-${width}-${colorScheme}`);
      assert.deepEqual(await violations(page), [], `${name}, ${width}, ${colorScheme}`);
      assert.equal(await overflow(page), 0, `${name} is wider than ${width}`);
    }
  }
  await look(1280, "light");
}

test("its owner sees what waits, and claims it by a click", async (t) => {
  const visitor = await open(t, host);
  const { page, at } = visitor;
  await at("host-own").waitFor();
  assert.equal(await at("host-connected").getAttribute("data-connected"), "true");
  await until(async () => (await cards(visitor, "rented")) === 1);
  await until(async () => (await row(visitor).getAttribute("data-state")) === "active");
  assert.equal(await row(visitor).locator("a").getAttribute("href"), `/leases/${lease}`);

  const shown = await waits(visitor, 30_000n);
  await at("claim-what").waitFor(); // what it pays and costs is said before
  assert.ok(BigInt(await at("host-waiting").getAttribute("data-lamports")) >= shown);
  await keepsTheRules(page, "host-own");
  const had = await balance(host.address);
  const paid = await claim(visitor);
  assert.ok(paid >= shown, `${paid} of ${shown}`);
  const fee = had + paid - (await balance(host.address));
  assert.ok(fee >= 10_000n && fee <= 50_000n, `the network took ${fee}`);
  assert.ok((await balance(host.address)) > had, "the host has more than before");
});

test("anybody may claim for it, and no stranger sees the maintenance form", async (t) => {
  const stranger = await world.call.wallet("stranger");
  const visitor = await open(t, stranger);
  const { at } = visitor;
  await waits(visitor, 15_000n);
  assert.equal(await at("host-own").count(), 0);
  assert.equal(await at("maintenance-form").count(), 0);
  const had = await balance(host.address);
  const own = await balance(stranger.address);
  const paid = await claim(visitor);
  assert.equal((await balance(host.address)) - had, paid, "to the lamport");
  const fee = own - (await balance(stranger.address));
  assert.ok(fee >= 10_000n && fee <= 50_000n, `the network took ${fee}`);
});

test("without a wallet a claim leads to where one is chosen, each time", async (t) => {
  const visitor = await visit(t, world, {});
  const { page, at } = visitor;
  await page.goto(`/hosts/${host.address}`);
  await row(visitor).waitFor();
  await waits(visitor, 1n);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-testid"));
  for (const time of ["first", "second"]) {
    await page.locator(`[data-testid="claim-do"][data-lease="${lease}"]`).click();
    await until(async () => (await focused()) === "host-wallet");
    await at("wallet-none").waitFor();
    if (time === "first") await keepsTheRules(page, "host-no-wallet");
    await page.locator("h1").click();
    assert.notEqual(await focused(), "host-wallet", "it was left");
  }
  assert.equal(await at("claim-done").count(), 0);
});

test("a wallet that refuses to sign a claim costs nothing", async (t) => {
  const stranger = await world.call.wallet("stranger");
  const visitor = await open(t, stranger);
  const { page, at } = visitor;
  await waits(visitor, 1n);
  await page.evaluate(() => { globalThis.testWallet.refuse = ["transaction"]; });
  const own = await balance(stranger.address);
  await page.locator(`[data-testid="claim-do"][data-lease="${lease}"]`).click();
  await at("error").waitFor();
  assert.equal(await at("error").getAttribute("data-code"), "declined");
  assert.equal(await balance(stranger.address), own);
});

test("its owner plans maintenance and takes it back", async (t) => {
  const visitor = await open(t, host);
  const { page, at } = visitor;
  await at("maintenance-form").waitFor();
  const planned = () => at("host-maintenance").getAttribute("data-from");
  const offeredBefore = await offered();
  assert.equal(await planned(), null);
  assert.equal(await at("maintenance-cancel").count(), 0);

  await t.test("for later: it is noted and shown", async () => {
    await at("maintenance-12h").check();
    await at("maintenance-plan").click();
    await at("maintenance-noted").waitFor();
    const from = Number(await at("maintenance-noted").getAttribute("data-from"));
    const hours = (from - Date.now() / 1000) / 3600;
    assert.ok(hours > 11.9 && hours <= 12, `${hours} h`);
    await until(async () => Number(await planned()) === from);
    const other = await visit(t, world, {});
    await other.page.goto(`/hosts/${host.address}`);
    await until(async () => Number(
      await other.at("host-maintenance").getAttribute("data-from")) === from);
    assert.equal(await other.at("maintenance-form").count(), 0);
  });

  await t.test("from now on: nothing more is offered, and what runs is not touched", async () => {
    const all = await at("host-card").count();
    await at("maintenance-now").check();
    await at("maintenance-plan").click();
    await until(async () => Number(await planned()) <= Date.now() / 1000 + 1);
    await until(async () => (await offered()) === 0);
    await until(async () => (await cards(visitor, "free")) === 0);
    await until(async () => (await cards(visitor, "kept")) === all - 1);
    assert.equal(await cards(visitor, "rented"), 1);
    assert.equal(await row(visitor).getAttribute("data-state"), "active");
    await keepsTheRules(page, "host-maintenance");
  });

  await t.test("taken back: the cards are offered again", async () => {
    await at("maintenance-cancel").click();
    await until(async () => (await at("maintenance-noted").count()) > 0
      && (await at("maintenance-noted").getAttribute("data-from")) === null);
    await until(async () => (await planned()) === null);
    await until(async () => (await offered()) === offeredBefore);
    await until(async () => (await cards(visitor, "kept")) === 0);
  });

  await t.test("a wallet that refuses to sign changes nothing", async () => {
    await page.evaluate(() => { globalThis.testWallet.refuse = ["message"]; });
    await at("maintenance-plan").click();
    await at("error").waitFor();
    assert.equal(await at("error").getAttribute("data-code"), "declined");
    assert.equal(await planned(), null);
  });
});

test("what an ended lease paid is there by day", async (t) => {
  const visitor = await visit(t, world, {});
  const { page, at } = visitor;
  await page.goto(`/hosts/${host.address}`);
  await at("served-none").waitFor();
  await row(visitor).waitFor();
  const stopped = await world.call.cli("renter", "stop", lease, "--yes");
  assert.equal(stopped.code, 0, stopped.errors);
  // It goes from the one list to the other by itself, once no fork can take its end back.
  await until(async () => (await row(visitor).count()) === 0, 60);
  await until(async () => (await at("host-ended").count()) > 0
    && (await at("host-day").getAttribute("data-unread")) === "0", 40);
  assert.equal(await at("served-count").getAttribute("data-count"), "1");
  assert.equal(await at("served-count").getAttribute("data-kept"), "1");
  assert.equal(await at("host-day").count(), 1);
  assert.equal(await at("host-day").getAttribute("data-leases"), "1");
  // Of the whole lease: the two claims, and what the stop paid.
  const { host_lamports: earned, fee_lamports: fee } = stopped.json;
  assert.equal(await at("host-day").getAttribute("data-host"), earned);
  assert.equal(await at("host-day").getAttribute("data-fee"), fee);
  assert.equal(await at("served-earned").getAttribute("data-lamports"), earned);
  assert.equal(await at("served-kept").getAttribute("data-bps"), "10000");
  assert.equal(await at("served-uptime").getAttribute("data-bps"), "10000");
  assert.equal(await at("served-score").getAttribute("data-bps"), "10000");
  assert.equal(await at("served-count").getAttribute("data-disputed"), "0");
  const receipt = at("host-ended").locator("a");
  assert.equal(await receipt.getAttribute("href"), `/leases/${lease}/receipt`);
  await keepsTheRules(page, "host-ended");
});

test("a kind of card that is all taken says until when", async (t) => {
  const asked = async (path) => (await fetch(`${world.url}${path}`)).json();
  const hosted = async () => (await asked(`/v1/hosts/${host.address}`)).cards;
  await until(async () => (await hosted()).every(({ state }) => state === "free"), 60);
  const all = (await hosted()).length;
  const rented = await world.call.cli("renter", "rent", "cpu", "--count", all, "--seconds", 600,
    "--max-hours", 1, "--disk", "2GB", "--ssh-key", await world.call.ssh_key_file(), "--yes");
  assert.equal(rented.code, 0, rented.errors);
  const { page } = await visit(t, world, {});
  await page.goto("/");
  const cpu = page.locator('[data-testid="card"][data-card="cpu"]');
  const busy = cpu.getByTestId("card-busy");
  await busy.waitFor();
  assert.equal(await cpu.getAttribute("data-free"), "0");
  const { ends_at_s: ends } = await asked(`/v1/leases/${rented.json.lease}`);
  // The list may be of the moment before the clock of the lease ran: it is read every ten seconds.
  await until(async () => Number(await busy.getAttribute("data-until")) === ends, 25);
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    const button = await cpu.getByTestId("card-tell").boundingBox();
    const said = await busy.boundingBox();
    assert.ok(said.y >= button.y + button.height, `it stands below the button, ${width}`);
  }
  await keepsTheRules(page, "cards-busy");
  const stopped = await world.call.cli("renter", "stop", rented.json.lease, "--yes");
  assert.equal(stopped.code, 0, stopped.errors);
});

test("a host that this market has not heard of is said to be one", async (t) => {
  const renter = await world.call.wallet("renter");
  const { page, at } = await visit(t, world, { may: [/status of 404/] });
  await page.goto(`/hosts/${renter.address}`);
  await at("host-unknown").waitFor();
  await at("served-none").waitFor();
  assert.equal(await at("running").count(), 0);
});
