/**
 * The state directory: chain.json (what makes this chain itself), the journal, and a lock so that
 * two processes never write one chain. Everything in it is for its owner alone.
 */
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const kFormat = 1;
const kPastSlots = 64;
const kDefaultSlotMs = 200;

/** A failure that a person can mend; the command shows its text and exits with its code. */
export class StateError extends Error {}

/** Writes a file whole or not at all. */
export function writeAtomically(path, text) {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}

/** The start time of a process, which tells it from a later one with its number; null if gone. */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return null;
  }
}

function lock(path) {
  // A link appears with its content, so that nobody reads a lock that is not written yet.
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, `${process.pid} ${startTime(process.pid)}`, { mode: 0o600 });
  try {
    takeLock(path, mine);
  } finally {
    unlinkSync(mine);
  }
}

function takeLock(path, mine) {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      linkSync(mine, path);
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const [pid, started] = readFileSync(path, "utf8").split(" ");
    if (pid !== "" && started !== undefined && startTime(Number(pid)) === started) {
      throw new StateError(`Process ${pid} already runs a chain from this state directory. Stop `
        + "it, or choose another directory with --state. Nothing was started.");
    }
    unlinkSync(path);
  }
  throw new StateError(`The lock ${path} is contested. Try again.`);
}

/**
 * @typedef {object} ChainFile
 * @property {number} format
 * @property {number} genesis_ms  wall time of the first slot
 * @property {number} slot_ms
 * @property {string} seed  hex; blockhashes, the faucet and the genesis hash come from it
 * @property {"mainnet"|"all"} features
 * @property {string|null} rent_lamports_per_byte
 */

export class StateDir {
  #dir;

  constructor(dir) {
    this.#dir = dir;
  }

  get journalPath() {
    return join(this.#dir, "journal.jsonl");
  }

  /** Takes the directory for this process, making it where it is missing. */
  open() {
    try {
      mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
      lock(join(this.#dir, "lock"));
    } catch (error) {
      if (error instanceof StateError) throw error;
      throw new StateError(`The state directory ${this.#dir} cannot be written: ${error.code}. `
        + "Choose another with --state, or mend its owner and mode. Nothing was started.");
    }
  }

  close() {
    unlinkSync(join(this.#dir, "lock"));
  }

  /**
   * The chain of this directory; a new one, by these options, where there is none.
   * @returns {ChainFile}
   */
  chain({ slotMs, features, rentLamportsPerByte, nowMs }) {
    const path = join(this.#dir, "chain.json");
    let text;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if (error.code !== "ENOENT") throw new StateError(`${path} cannot be read: ${error.code}.`);
      const chain = {
        format: kFormat,
        // A past of a few views, so that every commitment has a block from the start.
        genesis_ms: nowMs - kPastSlots * (slotMs ?? kDefaultSlotMs),
        slot_ms: slotMs ?? kDefaultSlotMs,
        seed: randomBytes(32).toString("hex"),
        features: features ?? "mainnet",
        rent_lamports_per_byte: rentLamportsPerByte?.toString() ?? null,
      };
      writeAtomically(path, `${JSON.stringify(chain, null, 2)}\n`);
      return chain;
    }
    const chain = parseChain(path, text);
    refuseOther("--slot-ms", slotMs, chain.slot_ms);
    refuseOther("--features", features, chain.features);
    refuseOther("--rent", rentLamportsPerByte?.toString(), chain.rent_lamports_per_byte);
    return chain;
  }
}

function parseChain(path, text) {
  let chain = null;
  try {
    chain = JSON.parse(text);
  } catch {
    // Told below, together with every other shape that is not ours.
  }
  if (chain?.format !== kFormat || !Number.isSafeInteger(chain.genesis_ms)
    || !/^[0-9a-f]{64}$/.test(chain.seed) || !(chain.slot_ms > 0)
    || !["mainnet", "all"].includes(chain.features)) {
    throw new StateError(`${path} is not a chain of this program. Choose another directory with `
      + "--state. Nothing was changed.");
  }
  return chain;
}

function refuseOther(flag, wanted, kept) {
  if (wanted === undefined || wanted === kept) return;
  throw new StateError(`This chain was made with ${flag} ${kept ?? "left out"}, and ${wanted} was `
    + "asked for. Leave the flag out, or choose another directory with --state.");
}
