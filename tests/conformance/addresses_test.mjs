// Program addresses beside @solana/kit's, for random programs and seeds: the search for a bump, and
// each bump that it tried.
//
//   OBELISK_SEED=N    others, or again those that failed
import assert from "node:assert/strict";
import { test } from "node:test";

import { kit } from "../../program/client/deps.mjs";
import { base64, Random } from "./messages.mjs";
import { Peer } from "./peer.mjs";

const ADDRESSES = 2_000;
const first = Number(process.env.OBELISK_SEED ?? 1);
const asking = (program, seeds, search) => ({
  do: "address", program, seeds: seeds.map(base64), search,
});

async function make(seed) {
  const random = new Random(`address ${seed}`);
  const programAddress = kit.getAddressDecoder().decode(random.bytes(32));
  const seeds = Array.from({ length: random.below(16) }, () =>
    random.bytes(random.chance(20) ? 32 : random.below(33)));
  const [address, bump] = await kit.getProgramDerivedAddress({ programAddress, seeds });
  return { seed, programAddress, seeds, address, bump };
}

test("program addresses and their bumps are kit's", async (t) => {
  const peer = new Peer(t);
  const bumps = [];
  for (let i = 0; i < ADDRESSES; ++i) {
    const { seed, programAddress, seeds, address, bump } = await make(first + i);
    const why = `OBELISK_SEED=${seed}`;
    // kit takes the first bump that is off the curve: those above it are on it.
    const tried = Array.from({ length: 256 - bump }, (_, n) => Uint8Array.of(255 - n));
    const [found, ...made] = await peer.ask([asking(programAddress, seeds, true),
      ...tried.map((last) => asking(programAddress, [...seeds, last], false))]);
    assert.deepEqual(found, { address, bump }, why);
    assert.deepEqual(made.pop(), { address }, why);
    for (const above of made) assert.match(above.refused ?? "", /on the curve/, why);
    bumps.push(bump);
  }
  const below = bumps.filter((bump) => bump < 255).length;
  t.diagnostic(`${below} of ${bumps.length} below 255, the least ${Math.min(...bumps)}`);
  assert.ok(below > bumps.length / 3 && Math.min(...bumps) <= 248);
});

test("too many seeds, and too long ones, are refused by both", async (t) => {
  const peer = new Peer(t);
  const programAddress = "11111111111111111111111111111111";
  const short = Uint8Array.of(1);
  for (const seeds of [Array(16).fill(short), Array(17).fill(short), [new Uint8Array(33)]]) {
    await assert.rejects(kit.getProgramDerivedAddress({ programAddress, seeds }));
    const [answer] = await peer.ask([asking(programAddress, seeds, true)]);
    assert.match(answer.refused ?? "", /at most 16 seeds of 32 bytes/);
  }
});
