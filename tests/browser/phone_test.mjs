/** A phone pays: the code on the screen is read as a camera would, and paid by Solana Pay's own
 * client with a key of the phone's. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, test } from "node:test";
import * as kit from "@solana/kit";
import { fetchTransaction, parseURL } from "@solana/pay";
import { closeBrowser, shot, startWorld, until, visit } from "./support.mjs";

after(closeBrowser);

test("a page without a wallet is paid by a phone", async (t) => {
  const world = await startWorld(t);
  const phone = await world.call.wallet("phone");
  const { page, at } = await visit(t, world, {});
  await page.goto("/?card=cpu");
  await at("offer-rent").first().click();
  await at("key-text").fill(await world.call.ssh_key());
  await at("wallet-none").waitFor();
  await at("phone").locator("summary").click();
  await at("phone-code").waitFor();
  await shot(page, "phone");

  const picture = await at("phone-code").screenshot();
  const read = spawnSync("zbarimg", ["--raw", "-q", "-"], { input: picture, encoding: "utf8" });
  const text = read.stdout.trim();
  assert.equal(text, await at("phone-link").getAttribute("href"), "what the camera sees");
  // Solana Pay wants https, which a market behind its proxy has; this stack is on loopback.
  const { link } = parseURL(text.replace("solana:http:", "solana:https:"));
  const here = String(link).replace("https:", "http:");
  const label = await (await fetch(here)).json();
  assert.equal(label.label, "OBELISK");
  assert.equal((await fetch(label.icon)).headers.get("content-type"), "image/svg+xml");

  const rpc = kit.createSolanaRpc(world.endpoints.rpc);
  const key = await kit.createKeyPairSignerFromPrivateKeyBytes(Uint8Array.from(phone.seed));
  assert.equal(key.address, phone.address);
  const transaction = await fetchTransaction(rpc, key.address, here, { commitment: "confirmed" });
  await until(async () => (await at("phone-state").getAttribute("data-state")) === "quoted");
  const signed = await kit.signTransaction([key.keyPair], transaction);
  await rpc.sendTransaction(kit.getBase64EncodedWireTransaction(signed),
    { encoding: "base64", preflightCommitment: "confirmed" }).send();

  await page.waitForURL(/\/paying\//);
  await until(async () => (await at("paying-phase").getAttribute("data-phase")) === "ready", 60);
  const line = await at("ssh-line").textContent();
  assert.match(line, /^ssh -p \d+ .*root@/, "who showed the code has the key, and sees the way in");
  await shot(page, "phone-ready");
});
