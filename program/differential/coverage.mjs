// What can happen at all: every state x instruction x result that the page of rules allows, written
// out by hand. The differential test has to hit each often, and nothing that is not here.
//
// A result is `ok` and the lease's state after it (0 closed, 1 FUNDED, 2 ACTIVE, 3 CLOSING; `done`
// for a market), an error's number (1: the System program's, too few lamports), or what the runtime
// itself refuses: `seeds` that do not give the address, `forged` signatures, and `rent`, when a
// wallet would be left with less than an account needs.
import { ERROR } from "../client/obelisk.mjs";

export const ROWS = ["create_market", "update_market", "open", "ready", "cancel (renter)",
  "cancel (anyone)", "extend", "claim", "stop (served)", "stop (disputed)", "stop (waived)",
  "stop (dark)", "finish"];
export const FOUND = ["none", "FUNDED", "ACTIVE", "CLOSING", "market"];
const STATES = ["closed", "FUNDED", "ACTIVE", "CLOSING"];

// Any instruction can be cut, padded, given an account twice or a read-only one.
const SHAPE = "100 101 102 103";
const OPEN_AGAIN = "104 105 106 107 111 112 113 114 115 116 117";
const PROOF = "120 121 122 123";

// Without the duplicate: the lease standing where the renter signs cannot sign.
const CANCELLED = "100 101 103 108";

const REACHABLE = {
  "create_market": {
    none: "okdone 104 105 108 114 116 117 1 seeds rent",
    market: "104 105 114 116 117",
  },
  "update_market": { none: "104 106 107", market: "okdone 104 108 114 116" },
  "open": {
    none: `ok1 ${OPEN_AGAIN} 108 1 seeds rent`,
    FUNDED: OPEN_AGAIN, ACTIVE: OPEN_AGAIN, CLOSING: OPEN_AGAIN,
  },
  "ready": {
    none: "104 106 107", FUNDED: "ok2 104 108 109 119", ACTIVE: "104 108 109 110",
    CLOSING: "104 108 109 110",
  },
  "cancel (renter)": {
    none: `${SHAPE} 106 107`, FUNDED: `${CANCELLED} ok0`, ACTIVE: `${CANCELLED} 110`,
    CLOSING: `${CANCELLED} 110`,
  },
  "cancel (anyone)": {
    none: "106 107", FUNDED: "ok0 108 118", ACTIVE: "108 110", CLOSING: "108 110",
  },
  "extend": {
    none: "104 105 106 107", FUNDED: "104 105 108 110",
    ACTIVE: "ok2 104 105 108 114 119 1 rent", CLOSING: "104 105 108 110",
  },
  "claim": {
    none: "105 106 107 forged", FUNDED: "105 108 110 forged",
    ACTIVE: `ok2 105 108 ${PROOF} forged`, CLOSING: `ok3 ok0 105 108 ${PROOF} forged`,
  },
  "stop (served)": {
    none: "104 106 107", FUNDED: "104 108 110", ACTIVE: "ok0 104 108", CLOSING: "ok0 104 108",
  },
  "stop (disputed)": {
    none: "104 106 107", FUNDED: "104 108 110", ACTIVE: "ok0 ok3 104 108", CLOSING: "104 108 110",
  },
  "stop (waived)": {
    none: "104 106 107", FUNDED: "104 108 110", ACTIVE: "ok0 104 108", CLOSING: "ok0 104 108",
  },
  "stop (dark)": {
    none: "104 106 107", FUNDED: "104 108 110", ACTIVE: "ok0 ok3 104 108",
    CLOSING: "ok0 104 108 118",
  },
  "finish": {
    none: "106 107", FUNDED: "108 110", ACTIVE: "ok0 ok3 108 118", CLOSING: "ok0 108 118",
  },
};

// Why a result that has a number is nowhere above, or not in every row.
export const UNREACHABLE = [
  "OVERFLOW: the bounds of a purchase and of a market keep every amount below 2^63",
  "WRONG_KEY in open and create_market where there is an account of ours: a program's address has"
    + " no key to sign with",
  "DUPLICATE_ACCOUNT in a cancel by the renter of an open lease: it would have to sign, likewise",
  "NOT_SIGNER in cancel, claim and finish: nobody has to sign",
  "too few lamports, seeds and rent in an open or a create_market of what is open: ALREADY_OPEN is"
    + " looked at before",
  "seeds in every other row: only these two make an account",
  "markets by the state of a lease: they name none",
];

// Payments that could not land, as {row: who}: 1 the host's, 2 the treasury's, 4 the renter's. The
// treasury's in other rows takes a host that was paid nothing at a claim and had lamports later.
const LEFT_OUT = {
  "claim": [1, 2], "stop (served)": [1, 2], "stop (disputed)": [1, 4], "stop (waived)": [1],
  "stop (dark)": [1, 4], "finish": [1, 4],
};
const WHO = { 1: "host", 2: "treasury", 4: "renter" };

const resultsOf = (row, results) =>
  (row === "cancel (renter)" ? results : `${results} ${SHAPE}`).split(" ");
const keyOf = (row, found, result) => `${ROWS.indexOf(row)} ${FOUND.indexOf(found)} ${result}`;

function* reachable() {
  for (const [row, states] of Object.entries(REACHABLE)) {
    for (const [found, results] of Object.entries(states)) {
      for (const result of resultsOf(row, results)) yield { row, found, result };
    }
  }
}
export const cells = [...reachable()];

const names = Object.fromEntries(Object.entries(ERROR).map(([name, code]) => [`${code}`, name]));
export function nameOf(result) {
  if (result === "1") return "too few lamports";
  if (result === "okdone") return "ok";
  return result.startsWith("ok") ? `-> ${STATES[result.slice(2)]}` : names[result] ?? result;
}

// What was hit too seldom, and what should not have been hit at all.
export function gaps(hits, leftOut, least) {
  const found = [];
  const expected = new Set();
  for (const { row, found: state, result } of cells) {
    const key = keyOf(row, state, result);
    const count = hits.get(key) ?? 0;
    expected.add(key);
    if (count < least) found.push(`${row}, ${state}, ${nameOf(result)}: hit ${count} times`);
  }
  for (const key of hits.keys()) {
    const [row, state, result] = key.split(" ");
    const where = `${ROWS[row]}, ${FOUND[state]}, ${nameOf(result)}`;
    if (!expected.has(key)) found.push(`${where}: hit, and not known to be possible`);
  }
  for (const [row, whose] of Object.entries(LEFT_OUT)) {
    for (const bit of whose) {
      const count = leftOut.get(`${ROWS.indexOf(row)} ${bit}`) ?? 0;
      if (count < least) found.push(`${row}, the ${WHO[bit]}'s payment left out: ${count} times`);
    }
  }
  return found;
}

// A line for each instruction in each state.
export function table(hits, leftOut) {
  const lines = [];
  for (const [row, states] of Object.entries(REACHABLE)) {
    for (const [state, results] of Object.entries(states)) {
      const cellsOf = resultsOf(row, results)
        .map((result) => `${nameOf(result)} ${hits.get(keyOf(row, state, result)) ?? 0}`);
      lines.push(`${row.padEnd(16)}${state.padEnd(8)} ${cellsOf.join(", ")}`);
    }
  }
  for (const [key, count] of [...leftOut].sort()) {
    const [row, bit] = key.split(" ");
    lines.push(`left out, as it could not land: ${ROWS[row]}, the ${WHO[bit]}'s: ${count}`);
  }
  return lines;
}
