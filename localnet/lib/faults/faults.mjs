/**
 * Bad days on purpose: which faults are in force, and whether one of them strikes now. With one
 * seed the n-th occasion of a method on a node is decided the same way every time. Nothing strikes
 * unless it was asked for, and a restart forgets all of it.
 *
 * Events: "cleared" (kind, or null for every kind) when a fault is taken away.
 */
import { EventEmitter } from "node:events";
import { invalidParams } from "../errors.mjs";
import { config, integer, list } from "../rpc/params.mjs";
import { kActs, kKinds } from "./kinds.mjs";
import { generator } from "./random.mjs";

const kMethodsLimit = 100;
const kRowsLimit = 256;
const kNameLimit = 40;
const kNodesLimit = 8;

/**
 * @typedef {object} Fault
 * @property {string} kind
 * @property {number} rate
 * @property {number} left  how often it may still strike
 * @property {number} seed
 * @property {number|null} node  null: every node
 * @property {string[]|null} methods  null: every method
 * @property {Record<string, any>} options
 * @property {number} struck
 * @property {() => number} random  for what the strike itself leaves to chance
 * @property {Map<string, () => number>} rows
 */

export class Faults extends EventEmitter {
  /** @type {Map<string, Fault>} by kind and node */
  #active = new Map();
  #struck = {};
  /** @type {Map<string, ((fault: Fault) => number|object)[]>} */
  #actors = new Map();

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  /** Says who does the deed of a kind that strikes at once. It returns how many it hit, or more. */
  onAct(kind, act) {
    this.#actors.set(kind, [...(this.#actors.get(kind) ?? []), act]);
  }

  /** Takes a request for a fault, and strikes at once where that is its nature. */
  set(request) {
    const wish = config(request);
    if (wish.kind === "none") {
      refuseOthers(wish, ["kind"]);
      this.#active.clear();
      this.emit("cleared", null);
      return { kind: "none" };
    }
    const fault = read(wish);
    const { kind } = fault;
    if (kind === "lag") return { ...shown(fault), ...this.#act(fault) };
    if (kActs.includes(kind) && wish.rate === undefined) {
      return { ...shown(fault), ...this.#act(fault) };
    }
    const key = `${kind} ${fault.node}`;
    if (fault.rate > 0) {
      this.#active.set(key, fault);
    } else {
      this.#active.delete(key);
      this.emit("cleared", kind);
    }
    return shown(fault);
  }

  #act(fault) {
    const detail = { hit: 0 };
    for (const act of this.#actors.get(fault.kind) ?? []) {
      const done = act(fault);
      if (typeof done === "number") detail.hit += done;
      else Object.assign(detail, done, { hit: detail.hit + 1 });
    }
    this.#count(fault.kind, detail.hit);
    return detail;
  }

  #count(kind, times) {
    this.#struck[kind] = (this.#struck[kind] ?? 0) + times;
  }

  /**
   * The fault of this kind that strikes now, if one does.
   * @param {{node?: number, names?: string[]}} where  `names`: the methods this is about
   * @returns {Fault|null}
   */
  strikes(kind, { node = 0, names = [""] } = {}) {
    for (const key of [`${kind} ${node}`, `${kind} null`]) {
      const fault = this.#active.get(key);
      if (fault === undefined) continue;
      if (fault.methods !== null && !names.some((name) => fault.methods.includes(name))) continue;
      if (rowOf(fault, `${node} ${names[0]}`)() >= fault.rate) continue;
      fault.struck += 1;
      fault.left -= 1;
      this.#count(kind, 1);
      if (fault.left === 0) this.#active.delete(key);
      return fault;
    }
    return null;
  }

  /** The first of these kinds that strikes now. @returns {Fault|null} */
  firstOf(kinds, where) {
    for (const kind of kinds) {
      const fault = this.strikes(kind, where);
      if (fault !== null) return fault;
    }
    return null;
  }

  /** What is in force, and how often each kind has struck since the start. */
  report() {
    return {
      active: [...this.#active.values()].map((fault) =>
        ({ ...shown(fault), struck: fault.struck })),
      struck: { ...this.#struck },
    };
  }
}

/** Methods beyond the limit share a row: their names come from outside, and memory is bounded. */
function rowOf(fault, name) {
  const key = fault.rows.has(name) || fault.rows.size < kRowsLimit ? name : "";
  let row = fault.rows.get(key);
  if (row === undefined) {
    row = generator(fault.seed, fault.kind, key);
    fault.rows.set(key, row);
  }
  return row;
}

function refuseOthers(wish, allowed) {
  const other = Object.keys(wish).find((name) => !allowed.includes(name));
  if (other === undefined) return;
  throw invalidParams(`${wish.kind} takes no "${other.slice(0, kNameLimit)}"; it takes `
    + allowed.join(", "));
}

/** The options that every kind of an occasion takes. */
function commonOf(on) {
  if (on === "node") return ["kind", "node"];
  const common = ["kind", "rate", "count", "seed"];
  if (on !== "slot") common.push("node");
  if (on === "request" || on === "frame") common.push("methods");
  return common;
}

function rateOf(value) {
  if (value === undefined) return 1;
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) {
    throw invalidParams("rate must be a number from 0 to 1");
  }
  return value;
}

function methodsOf(value) {
  if (value === undefined || value === null) return null;
  const methods = list(value, kMethodsLimit, "methods");
  if (methods.length === 0 || !methods.every((name) => typeof name === "string")) {
    throw invalidParams("methods must be a list of names");
  }
  return methods;
}

/** @returns {Fault} */
function read(wish) {
  const { kind, node } = wish;
  if (!Object.hasOwn(kKinds, kind)) {
    const name = typeof kind === "string" ? `"${kind.slice(0, kNameLimit)}"` : "without a kind";
    throw invalidParams(`there is no fault ${name}; the kinds are none, `
      + Object.keys(kKinds).join(", "));
  }
  const { on, options: readers } = kKinds[kind];
  refuseOthers(wish, [...commonOf(on), ...Object.keys(readers)]);
  const count = integer(wish.count, { name: "count", fallback: 0 });
  const seed = integer(wish.seed, { name: "seed", fallback: 1 });
  const given = Object.entries(readers).map(([name, take]) => [name, take(wish[name], name)]);
  return {
    kind,
    rate: rateOf(wish.rate),
    left: count === 0 ? Infinity : count,
    seed,
    node: node === undefined || node === null
      ? null : integer(node, { name: "node", max: kNodesLimit - 1 }),
    methods: methodsOf(wish.methods),
    options: Object.fromEntries(given),
    struck: 0,
    random: generator(seed, kind, "the strike"),
    rows: new Map(),
  };
}

/** The fault as its answer shows it. */
function shown({ kind, rate, left, seed, node, methods, options }) {
  return {
    kind, rate, count: left === Infinity ? 0 : left, seed, node, methods, ...options,
  };
}
