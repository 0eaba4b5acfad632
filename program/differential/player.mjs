// Plays sequences on both sides, counts what was hit, and makes a sequence that went wrong as short
// as it can be. One process plays one range of seeds:
//
//   node player.mjs FIRST COUNT      writes {sequences, instructions, cells, found, ...} as JSON
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Chain } from "./chain.mjs";
import { END, framesOf, KIND } from "./frames.mjs";

const root = new URL("../../", import.meta.url);
export const modelPath = process.env.OBELISK_DIFFERENTIAL
  ?? fileURLToPath(new URL("build/dev/test/obelisk_differential", root));

export function requireModel() {
  if (existsSync(modelPath)) return;
  throw new Error(`${modelPath} is not there. Build it: ./dev build dev, or set `
    + "OBELISK_DIFFERENTIAL");
}

async function* model(chain, seed, count, more = []) {
  requireModel();
  const child = spawn(modelPath, ["--program", chain.program, "--payer", chain.payer,
    "--seed", `${seed}`, "--count", `${count}`, ...more], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => { child.once("close", resolve); });
  try {
    yield* framesOf(child.stdout);
  } finally {
    child.stdout.destroy();
  }
  const code = await ended;
  if (code !== 0) throw new Error(`the model ended with ${code}`);
}

class Tally {
  cells = new Map();
  leftOut = new Map();
  sequences = 0;
  transactions = 0;
  instructions = 0;
  succeeded = 0;

  static #add(map, key) { map.set(key, (map.get(key) ?? 0) + 1); }

  // A refused transaction says something of the instruction that was refused; those before it were
  // undone and count as not succeeded.
  count(step, result) {
    this.transactions += 1;
    this.instructions += step.traces.length;
    if (result.end !== END.done) {
      const last = step.traces.at(-1);
      // Which of several was one too many for the rent, nobody can say.
      const known = last && (result.end !== END.rent || step.traces.length === 1);
      if (known) Tally.#add(this.cells, `${last.row} ${last.found} ${outcomeOf(result)}`);
      return;
    }
    this.succeeded += step.traces.length;
    const states = [...result.states];
    for (const { row, found, leftOut } of step.traces) {
      const state = row >= 2 ? states.shift() : "done";
      Tally.#add(this.cells, `${row} ${found} ok${state}`);
      for (const bit of [1, 2, 4]) if (leftOut & bit) Tally.#add(this.leftOut, `${row} ${bit}`);
    }
  }
}

function outcomeOf(result) {
  if (result.end === END.refused) return `${result.code}`;
  return Object.keys(END)[result.end] ?? "unknown";
}

// Every sequence of the range; the first difference ends it.
async function play(chain, seed, count, more = [], tally = new Tally()) {
  let steps = [];
  let now = 0n;
  for await (const frame of model(chain, seed, count, more)) {
    let differences = [];
    if (frame.kind === KIND.start) {
      now = frame.seed;
      steps = [];
      tally.sequences += 1;
      chain.start(frame.accounts);
    } else if (frame.kind === KIND.step) {
      const played = chain.play(frame);
      steps.push({ index: frame.index, text: frame.text });
      tally.count(frame, played.result);
      differences = played.differences;
    } else {
      differences = chain.compare(frame.accounts);
    }
    if (differences.length !== 0) return { tally, found: { seed: now, steps, differences } };
  }
  return { tally, found: null };
}

// Leaves out one step after another, from the end on, as long as it still goes wrong.
async function shorten(chain, found) {
  let best = found;
  const drop = [];
  const cut = ["--steps", `${found.steps.at(-1).index + 1}`];
  for (const { index } of [...found.steps].reverse().slice(1)) {
    const tried = [...cut, "--drop", [...drop, index].join(",")];
    const again = (await play(chain, found.seed, 1, tried)).found;
    if (again === null) continue;
    drop.push(index);
    best = again;
  }
  return best;
}

// `skewS`: seconds that the program's clock is ahead of the model's, to see that it is noticed.
export async function playRange(seed, count, { skewS = 0n } = {}) {
  const chain = await Chain.make();
  chain.skewS = skewS;
  const { tally, found } = await play(chain, seed, count);
  const best = found && await shorten(chain, found);
  return {
    ...tally, cells: [...tally.cells], leftOut: [...tally.leftOut],
    found: best && { ...best, seed: `${best.seed}` },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [seed, count] = process.argv.slice(2).map(BigInt);
  process.stdout.write(JSON.stringify(await playRange(seed, count)));
}
