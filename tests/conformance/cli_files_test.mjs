// The Solana CLI's files. Key files: what @solana/kit writes we read, what we write kit reads, and
// the signatures are the same. Configurations: in both forms that the CLI's YAML library has
// written, quoted and plain; none was taken from a CLI that ran.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { kit } from "../../program/client/deps.mjs";
import { base58, base64, Random } from "./messages.mjs";
import { Peer } from "./peer.mjs";

const FILES = 100;
const random = new Random("files");
let folder;
before(() => { folder = mkdtempSync(join(tmpdir(), "obelisk-files-")); });
after(() => rmSync(folder, { recursive: true, force: true }));

const reading = (file, message, make = false) => ({
  do: "keypair", file, message: base64(message), make,
});

test("a key file of kit's is read, and signs as kit does", async (t) => {
  const peer = new Peer(t);
  for (let i = 0; i < FILES; ++i) {
    const file = join(folder, `kit-${i}.json`);
    const signer = await kit.createKeyPairSignerFromPrivateKeyBytes(random.bytes(32), true);
    await kit.writeKeyPairSigner(signer, file);
    const message = random.bytes(random.below(300));
    const signature = base58(await kit.signBytes(signer.keyPair.privateKey, message));
    assert.deepEqual(await peer.ask([reading(file, message)]),
      [{ address: signer.address, signature }], `file ${i}`);
  }
});

test("a key file of ours is read by kit, and only its owner may read it", async (t) => {
  const peer = new Peer(t);
  for (let i = 0; i < FILES; ++i) {
    const file = join(folder, `ours-${i}.json`);
    const message = random.bytes(random.below(300));
    const [made] = await peer.ask([reading(file, message, true)]);
    const numbers = JSON.parse(readFileSync(file, "utf8"));
    assert.equal(numbers.length, 64);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const signer = await kit.createKeyPairSignerFromBytes(Uint8Array.from(numbers));
    assert.equal(signer.address, made.address);
    const signature = base58(await kit.signBytes(signer.keyPair.privateKey, message));
    assert.equal(signature, made.signature);
  }
});

test("what is no key for kit is none for us", async (t) => {
  const peer = new Peer(t);
  const file = join(folder, "whole.json");
  await peer.ask([reading(file, new Uint8Array(1), true)]);
  const numbers = JSON.parse(readFileSync(file, "utf8"));
  const changed = (at) => numbers.map((n, i) => (i === at ? n ^ 1 : n));
  const wrong = [numbers.slice(0, 63), [...numbers, 0], numbers.slice(0, 32), [],
    changed(0), changed(31), changed(32), changed(63)];
  for (const [i, each] of wrong.entries()) {
    await assert.rejects(kit.createKeyPairSignerFromBytes(Uint8Array.from(each)), `${i}`);
    const spoilt = join(folder, `spoilt-${i}.json`);
    writeFileSync(spoilt, JSON.stringify(each), { mode: 0o600 });
    const [answer] = await peer.ask([reading(spoilt, new Uint8Array(1))]);
    assert.ok("refused" in answer, `${i}`);
    assert.doesNotMatch(answer.refused, /\d+, ?\d+/, "the key is in the message");
  }
});

// The two forms: with strings in quotes and a line of dashes, and plain where YAML allows it.
const FORMS = {
  quoted: ({ rpc, ws, key, commitment }) => `---\njson_rpc_url: "${rpc}"\nwebsocket_url: "${ws}"\n`
    + `keypair_path: ${key}\naddress_labels:\n  "11111111111111111111111111111111": `
    + `System Program\ncommitment: ${commitment}\n`,
  plain: ({ rpc, ws, key, commitment }) => `json_rpc_url: ${rpc}\nwebsocket_url: ${ws || "''"}\n`
    + `keypair_path: ${key}\naddress_labels:\n  '11111111111111111111111111111111': `
    + `System Program\ncommitment: ${commitment}\n`,
};

/** The CLI's rule: http to ws, https to wss, and a port that is written is one more. */
function socketOf(rpc) {
  const [, secure, host, port] = /^http(s?):\/\/([^:/]+)(?::(\d+))?/.exec(rpc);
  return `ws${secure}://${host}${port === undefined ? "" : `:${Number(port) + 1}`}`;
}

function makeConfig() {
  const name = base58(random.bytes(8)).toLowerCase();
  const port = random.chance(50) ? `:${1 + random.below(65_534)}` : "";
  const rpc = `http${random.chance(50) ? "s" : ""}://${random.pick([`rpc.${name}.test`, "127.0.0.1",
    "localhost"])}${port}`;
  return {
    rpc, ws: random.chance(50) ? `wss://${name}.test/socket` : "",
    key: `/srv/${name}/.config/solana/id.json`,
    commitment: random.pick(["processed", "confirmed", "finalized"]),
  };
}

for (const [form, write] of Object.entries(FORMS)) {
  test(`a ${form} configuration says where the network and the key are`, async (t) => {
    const peer = new Peer(t);
    for (let i = 0; i < FILES; ++i) {
      const file = join(folder, `${form}-${i}.yml`);
      const config = makeConfig();
      writeFileSync(file, write(config));
      assert.deepEqual(await peer.ask([{ do: "config", file }]), [{
        rpc_url: config.rpc, websocket_url: config.ws || socketOf(config.rpc),
        keypair_file: config.key,
      }], `${form} ${i}: ${JSON.stringify(config)}`);
    }
  });
}
