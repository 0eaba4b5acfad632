// Every instruction of the program as it should be sent, and every way to bend it, with the error
// that docs/escrow.md, section 8, gives for each. Nothing here is read off the program.
//
// A case: `build(stage)` gives the instruction, what stands before it, and the time. Each account
// has a kind, for the bends that all of that kind share (bends.mjs); `bends` are the case's own.
import * as obelisk from "../../client/obelisk.mjs";
import { wallets } from "../harness.mjs";
import { TIME } from "./stage.mjs";

const { ERROR, HOW } = obelisk;

// Changes some bytes of the data; `field` names them, so that two changes of one field never meet.
const bytes = (name, code, field, at, ...values) => ({
  name, code, places: [`data.${field}`],
  apply: (draft) => draft.data.set(Uint8Array.from(values), at),
});
const number = (size) => (value) =>
  Array.from({ length: size }, (_, i) => Number((BigInt.asUintN(8 * size, BigInt(value)) >>
    BigInt(8 * i)) & 255n));
const [u16, u32, u64] = [number(2), number(4), number(8)];
const at = (name, code, time) => ({
  name, code, places: ["clock"], apply: (draft) => { draft.time = time; },
});
// Another address at account `index`, its flags as they were.
const swap = (name, code, index, address) => ({
  name, code, places: [`${index}.address`],
  apply: (draft, stage) => { draft.accounts[index].address = address(stage); },
});
const wallet = (name) => () => wallets[name].address;

const terms = (first) => [
  bytes("paused above 1", ERROR.OUT_OF_RANGE, "paused", first, 2),
  bytes("a fee above the bound", ERROR.OUT_OF_RANGE, "fee", first + 1, ...u16(1001)),
  bytes("a deadline too short", ERROR.OUT_OF_RANGE, "deadline", first + 3, ...u32(29)),
  bytes("a deadline too long", ERROR.OUT_OF_RANGE, "deadline", first + 3, ...u32(601)),
  bytes("a gap too short", ERROR.OUT_OF_RANGE, "gap", first + 7, ...u32(59)),
  bytes("a gap too long", ERROR.OUT_OF_RANGE, "gap", first + 7, ...u32(601)),
  bytes("a window too short", ERROR.OUT_OF_RANGE, "window", first + 11, ...u32(599)),
  bytes("a window too long", ERROR.OUT_OF_RANGE, "window", first + 11, ...u32(86_401)),
];
const emptyTreasury = swap("an empty treasury", ERROR.EMPTY_WALLET, 2, wallet("other"));

const createMarket = {
  name: "create_market",
  accounts: ["payer operator", "vacant market", "payee treasury", "program System"],
  async build({ world }) {
    const operator = wallets.operator3.address;
    const [market, bump] = await obelisk.findMarket(world.program, operator);
    return { call: world.createMarket({ operator, market, bump }), time: TIME.running };
  },
  bends: [...terms(2), emptyTreasury],
};

const updateMarket = {
  name: "update_market",
  accounts: ["party operator", "market market", "payee treasury"],
  build: ({ world }) => ({ call: world.updateMarket({ feeBps: 10 }), time: TIME.running }),
  bends: [...terms(1), emptyTreasury],
};

const pausedMarket = (stage) => {
  const data = stage.dataOf(stage.world.market);
  data[3] = 1;
  return stage.imitate(data);
};
const purchaseBends = [
  swap("a paused market", ERROR.PAUSED, 3, pausedMarket),
  bytes("an older revision", ERROR.MARKET_CHANGED, "rev", 10, ...u64(0)),
  bytes("a newer revision", ERROR.MARKET_CHANGED, "rev", 10, ...u64(2)),
  bytes("a quote that expired a second ago", ERROR.QUOTE_EXPIRED, "expires", 18,
    ...u64(TIME.running - 1n)),
  bytes("a quote of the distant past", ERROR.QUOTE_EXPIRED, "expires", 18, ...u64(-1n)),
  bytes("no rate", ERROR.OUT_OF_RANGE, "rate", 26, ...u64(0)),
  bytes("a rate above the bound", ERROR.OUT_OF_RANGE, "rate", 26, ...u64(2n ** 38n + 1n)),
  bytes("the largest rate there is", ERROR.OUT_OF_RANGE, "rate", 26, ...u64(-1n)),
  bytes("too few seconds", ERROR.OUT_OF_RANGE, "seconds", 34, ...u32(59)),
  bytes("more seconds than the most", ERROR.OUT_OF_RANGE, "seconds", 34, ...u32(7201)),
  bytes("a most of more than a year", ERROR.OUT_OF_RANGE, "most", 38, ...u32(31_536_001)),
  swap("the treasury as host", ERROR.SAME_PARTY, 2, wallet("treasury")),
  swap("the attestor as host", ERROR.SAME_PARTY, 2, wallet("attestor")),
  swap("the treasury as renter", ERROR.SAME_PARTY, 0, wallet("treasury")),
  swap("the attestor as renter", ERROR.SAME_PARTY, 0, wallet("attestor")),
  swap("an empty host", ERROR.EMPTY_WALLET, 2, wallet("other")),
];

const open = {
  name: "open",
  accounts: ["payer renter", "vacant lease", "payee host", "terms market", "program System"],
  async build({ world }) {
    world.setTime(TIME.running);
    const purchase = await world.purchase({ nonce: 1000n, expiresAt: TIME.running });
    return { call: obelisk.open(purchase), time: TIME.running };
  },
  bends: purchaseBends,
};

const openPrefunded = {
  ...open,
  name: "open (at a pre-funded address)",
  async build(stage) {
    const built = await open.build(stage);
    const { world } = stage;
    const purchase = await world.purchase({ nonce: 1001n, expiresAt: TIME.running });
    world.fund(purchase.lease, 1_000_000n);
    return { ...built, call: obelisk.open(purchase) };
  },
};

const ready = {
  name: "ready",
  accounts: ["attestor attestor", "lease lease"],
  state: "funded",
  build: ({ world, leases }) => ({ call: world.call("ready", leases.funded), time: TIME.opened }),
  bends: [
    bytes("another opening", ERROR.STALE_LEASE, "slot", 1, ...u64(1)),
    at("a second too late", ERROR.TOO_LATE, TIME.late),
  ],
};

const cancelByRenter = {
  name: "cancel (by the renter)",
  accounts: ["lease lease", "canceller renter"],
  state: "funded",
  build: ({ world, leases }) => ({
    call: world.call("cancel", leases.funded, { renterSigns: true }), time: TIME.opened }),
  bends: [],
};

const cancelByAnyone = {
  name: "cancel (by anyone)",
  accounts: ["lease lease", "payee-party renter"],
  state: "funded",
  build: ({ world, leases }) => ({
    call: world.call("cancel", leases.funded, { renterSigns: false }), time: TIME.late }),
  bends: [at("in the host's last second", ERROR.TOO_EARLY, TIME.opened + 60n)],
};

const extend = {
  name: "extend",
  accounts: ["payer-party renter", "lease lease", "program System"],
  state: "active",
  build: ({ world, leases }) => ({
    call: world.call("extend", leases.active, { totalSeconds: 7200 }), time: TIME.running }),
  bends: [
    bytes("the seconds it has", ERROR.OUT_OF_RANGE, "total", 1, ...u32(3600)),
    bytes("no seconds", ERROR.OUT_OF_RANGE, "total", 1, ...u32(0)),
    bytes("one more than the most", ERROR.OUT_OF_RANGE, "total", 1, ...u32(7201)),
    bytes("all there can be", ERROR.OUT_OF_RANGE, "total", 1, ...u32(-1)),
    at("at the end", ERROR.TOO_LATE, TIME.opened + 3600n),
  ],
};

// Proofs that the runtime takes and the program must not.
const proof = (name, code, change) => ({
  name, code, places: ["proof"],
  apply: (draft, stage) => { draft.before = change(draft.before, draft.proof, stage); },
});
const other = (how) => (_before, make) => [make(how)];
const proofBends = [
  proof("no proof", ERROR.NO_ED25519, () => []),
  proof("something between proof and claim", ERROR.NO_ED25519,
    (before) => [...before, { programAddress: "ComputeBudget111111111111111111111111111111",
      accounts: [], data: Uint8Array.from([2, 0, 0, 10, 0]) }]),
  proof("a longer proof", ERROR.BAD_ED25519,
    ([it]) => [{ ...it, data: Uint8Array.from([...it.data, 0]) }]),
  proof("a proof with an account", ERROR.BAD_ED25519,
    ([it], _make, stage) => [{ ...it, accounts: [{ address: stage.stranger(0), role: 0 }] }]),
  proof("for another lease", ERROR.WRONG_MESSAGE,
    (_before, make, stage) => [make({ message: { lease: stage.leases.funded } })]),
  proof("for another program", ERROR.WRONG_MESSAGE,
    other({ message: { program: wallets.other.address } })),
  proof("for another opening", ERROR.WRONG_MESSAGE, other({ message: { openedSlot: 1n } })),
  proof("signed by the host", ERROR.WRONG_ATTESTOR, other({ by: "host" })),
  proof("signed by the operator", ERROR.WRONG_ATTESTOR, other({ by: "operator" })),
  proof("signed by the treasury", ERROR.WRONG_ATTESTOR, other({ by: "treasury" })),
  proof("signed by a stranger", ERROR.WRONG_ATTESTOR, other({ by: "strange0" })),
  proof("signed by another market's attestor", ERROR.WRONG_ATTESTOR, other({ by: "attestor2" })),
];

const claimOf = (state) => ({
  name: `claim (${state})`,
  accounts: ["lease lease", "payee-party renter", "payee-party host", "payee-party treasury",
    "program Instructions"],
  state,
  build: ({ world, leases }) => {
    const lease = leases[state];
    const make = (how) => world.claim(lease, TIME.running - 20n, how)[0];
    return { call: world.call("claim", lease), before: [make()], proof: make, time: TIME.running };
  },
  bends: proofBends,
});

const unknownHow = [4, 5, 255].map((how) =>
  bytes(`how = ${how}`, ERROR.BAD_DATA, "how", 1, how));
const stopOf = (how, state) => ({
  name: `stop (${how}, ${state})`,
  accounts: ["lease lease", HOW[how] < 2 ? "signing-party renter" : "payee-party renter",
    HOW[how] === 2 ? "signing-party host" : "payee-party host", "payee-party treasury",
    ...(HOW[how] === 3 ? ["attestor attestor"] : [])],
  state,
  build: ({ world, leases }) => ({
    call: world.call("stop", leases[state], { how: HOW[how] }), time: TIME.running }),
  bends: unknownHow,
});

const finishOf = (state, time, early) => ({
  name: `finish (${state})`,
  accounts: ["lease lease", "payee-party renter", "payee-party host", "payee-party treasury"],
  state,
  build: ({ world, leases }) => ({ call: world.call("finish", leases[state]), time }),
  bends: [at("a second too early", ERROR.TOO_EARLY, early)],
});

// States in which the instruction of a case is refused whatever it says.
export const REFUSING_STATES = {
  ready: ["active", "closing"], cancel: ["active", "closing"], extend: ["funded", "closing"],
  claim: ["funded"], stop: ["funded"], finish: ["funded"],
  "stop (dispute, active)": ["funded", "closing"],
};
export const refusingStates = ({ name }) =>
  REFUSING_STATES[name] ?? REFUSING_STATES[name.replace(/ \(.*/, "")] ?? [];

export const CASES = [
  createMarket, updateMarket, open, openPrefunded, ready, cancelByRenter, cancelByAnyone, extend,
  claimOf("active"), claimOf("closing"),
  ...Object.keys(HOW).map((how) => stopOf(how, "active")),
  stopOf("served", "closing"), stopOf("waive", "closing"),
  finishOf("active", TIME.over, TIME.opened + 3599n),
  finishOf("closing", TIME.windowOver, TIME.windowOver - 1n),
];
