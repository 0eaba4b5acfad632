// Model and program agree: the same random transactions through core/escrow's rules over plain
// accounts and through the built program in the VM, and after each the same code, the same events,
// and the same owner, lamports and bytes of every account.
//
//   OBELISK_SEED=N OBELISK_SEQUENCES=N    play others, or again the one that failed
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { cells, gaps, table, UNREACHABLE } from "../differential/coverage.mjs";
import { playRange, requireModel } from "../differential/player.mjs";

const SEQUENCES = 20_000;
const LEAST_HITS = 20;
const LEAST_SUCCESS = 0.4;
const WORKERS = 2;
const seed = Number(process.env.OBELISK_SEED ?? 1);
const sequences = Number(process.env.OBELISK_SEQUENCES ?? SEQUENCES);
const player = fileURLToPath(new URL("../differential/player.mjs", import.meta.url));

function report({ seed: failed, steps, differences }) {
  return [
    `model and program differ in the sequence with seed ${failed}. Again:`,
    `OBELISK_SEED=${failed} OBELISK_SEQUENCES=1 node --test program/test/differential.test.mjs`,
    "The shortest form of it that was found:",
    ...steps.map(({ index, text }) => `  step ${index}: ${text}`), ...differences,
  ].join("\n");
}

// A range of seeds in a process of its own.
async function playApart(first, count) {
  const child = spawn(process.execPath, [player, `${first}`, `${count}`],
    { stdio: ["ignore", "pipe", "inherit"] });
  const chunks = [];
  const ended = new Promise((resolve) => { child.once("close", resolve); });
  for await (const chunk of child.stdout) chunks.push(chunk);
  assert.equal(await ended, 0, `the player of seeds ${first} to ${first + count - 1} failed`);
  return JSON.parse(Buffer.concat(chunks));
}

async function playAll() {
  const share = Math.ceil(sequences / WORKERS);
  const ranges = [];
  for (let at = 0; at < sequences; at += share) {
    ranges.push(playApart(seed + at, Math.min(share, sequences - at)));
  }
  const parts = await Promise.all(ranges);
  const sum = (name) => parts.reduce((total, part) => total + part[name], 0);
  const merged = (name) => {
    const all = new Map();
    for (const part of parts) {
      for (const [key, count] of part[name]) all.set(key, (all.get(key) ?? 0) + count);
    }
    return all;
  };
  return {
    sequences: sum("sequences"), transactions: sum("transactions"),
    instructions: sum("instructions"), succeeded: sum("succeeded"), hits: merged("cells"),
    leftOut: merged("leftOut"), found: parts.map((part) => part.found).filter(Boolean),
  };
}

test("model and built program agree on random sequences", async (t) => {
  requireModel();
  const all = await playAll();
  const success = all.succeeded / all.instructions;
  for (const line of table(all.hits, all.leftOut)) t.diagnostic(line);
  for (const reason of UNREACHABLE) t.diagnostic(`not reachable: ${reason}`);
  t.diagnostic(`${all.sequences} sequences from seed ${seed}, ${all.transactions} transactions, `
    + `${all.instructions} instructions, ${(success * 100).toFixed(1)} % of them succeeded, `
    + `${cells.length} cells`);

  await t.test("the same bytes, lamports and codes", () => {
    assert.equal(all.found.length, 0, all.found.map(report).join("\n\n"));
    assert.equal(all.sequences, sequences);
  });
  const whole = sequences >= SEQUENCES ? false : `${sequences} sequences are too few to tell`;
  await t.test("at least 40 % of the instructions succeed", { skip: whole }, () => {
    assert.ok(success >= LEAST_SUCCESS, `${(success * 100).toFixed(1)} %`);
  });
  await t.test("every reachable state x instruction x result is hit", { skip: whole }, () => {
    assert.deepEqual(gaps(all.hits, all.leftOut, LEAST_HITS), []);
  });
});

test("a chain whose clock is a second ahead is found out, and its seed is named", async () => {
  const { found } = await playRange(1, 200, { skewS: 1n });
  assert.notEqual(found, null, "nobody noticed");
  assert.ok(found.steps.length <= 8, `it was not made shorter than ${found.steps.length} steps`);
  assert.match(report(found), new RegExp(`OBELISK_SEED=${found.seed} OBELISK_SEQUENCES=1`));
});
