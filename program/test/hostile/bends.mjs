// The bends that every account of a kind shares, with the error docs/escrow.md gives for each. A
// bend changes one thing in a draft of an instruction. `places` says what it touches: two bends may
// be combined if they touch different places, and then the lower code is the answer.
//
// `code` is an error of ours; RUNTIME where the chain itself refuses, after every check of ours has
// passed; HARMLESS where the page lets it through, and everything must end as if it were not bent.
import * as obelisk from "../../client/obelisk.mjs";
import { wallets } from "../harness.mjs";
import { refusingStates } from "./cases.mjs";

const { ERROR } = obelisk;
export const RUNTIME = "refused by the runtime";
export const HARMLESS = "harmless";

const CLOCK = "SysvarC1ock11111111111111111111111111111111";
const LOADER = "BPFLoaderUpgradeab1e11111111111111111111111";

const flag = (index, which, value, name, code) => ({
  name, code, places: [`${index}.${which}`],
  apply: (draft) => { draft.accounts[index][which] = value; },
});
const readOnly = (index) => flag(index, "writable", false, "read-only", ERROR.NOT_WRITABLE);
const writableToo = (index) => flag(index, "writable", true, "writable as well", HARMLESS);
const unsigned = (index) => flag(index, "signer", false, "unsigned", ERROR.NOT_SIGNER);
const signsToo = (index) => flag(index, "signer", true, "signs as well", HARMLESS);

const swap = (index, name, code, address) => ({
  name, code, places: [`${index}.address`],
  apply: (draft, stage) => { draft.accounts[index].address = address(stage, draft); },
});
const stranger = (index, code = ERROR.WRONG_KEY) =>
  swap(index, "a stranger's key", code, (stage) => stage.stranger(index));
const reserved = (index) => swap(index, "a reserved key", ERROR.NOT_WRITABLE, () => CLOCK);

// The account itself is changed on the chain, and given back afterwards.
const turned = (index, name, code, change) => ({
  name, code, places: [`${index}.address`], onChain: true,
  apply: (draft, stage) => {
    const { svm } = stage.world;
    const account = svm.getAccount(draft.accounts[index].address);
    svm.setAccount({ ...account, ...change });
  },
});
const ownedElsewhere = (index, code) =>
  turned(index, "owned by another program", code, { programAddress: LOADER });
const holdingData = (index, code) =>
  turned(index, "holding data, as a token account does", code, {
    programAddress: LOADER, data: new Uint8Array(165).fill(1), space: 165n });
const bySystemWithData = (index, code) =>
  turned(index, "holding data, as a nonce account does", code,
    { data: new Uint8Array(80).fill(1), space: 80n });
// A wallet is known by its key: what else it has become is nobody's business but who pays from it.
const becomes = (index, code) => [
  ownedElsewhere(index, code), holdingData(index, code), bySystemWithData(index, code)];

// An account of this program's, where one is stored: imitations of `data` that differ in one thing.
const imitations = (index, data, otherKind) => {
  const fake = (name, code, change, owner) => swap(index, name, code,
    (stage) => stage.imitate(change(data(stage)), owner));
  const set = (at, value) => (bytes) => Object.assign(Uint8Array.from(bytes), { [at]: value });
  return [
    fake("the same bytes, another owner", ERROR.WRONG_OWNER, (it) => it, LOADER),
    fake("the same bytes, the System program's", ERROR.WRONG_OWNER, (it) => it,
      obelisk.SYSTEM_PROGRAM),
    fake("a byte too short", ERROR.WRONG_KIND, (it) => it.slice(0, -1)),
    fake("a byte too long", ERROR.WRONG_KIND, (it) => Uint8Array.from([...it, 0])),
    fake("no bytes", ERROR.WRONG_KIND, () => []),
    fake("all zeros", ERROR.WRONG_KIND, (it) => new Uint8Array(it.length)),
    fake("another kind", ERROR.WRONG_KIND, set(0, 3)),
    fake("the other account's kind", ERROR.WRONG_KIND, (it) => set(0, 3 - it[0])(it)),
    fake("version 0", ERROR.WRONG_KIND, set(1, 0)),
    fake("version 2", ERROR.WRONG_KIND, set(1, 2)),
    swap(index, "of the other type", ERROR.WRONG_KIND, otherKind),
    swap(index, "a wallet", ERROR.WRONG_OWNER, (stage) => stage.stranger(index)),
    swap(index, "a closed lease", ERROR.WRONG_OWNER, (stage) => stage.closed),
  ];
};

const storedLease = (index, it) => [
  readOnly(index),
  swap(index, "a lease of other parties", ERROR.WRONG_KEY, (stage) => stage.foreign[it.state]),
  ...imitations(index, (stage) => stage.dataOf(stage.leases[it.state]),
    (stage) => stage.world.market),
  ...refusingStates(it).map((state) => swap(index, `the same parties' ${state} lease`,
    ERROR.WRONG_STATE, (stage) => stage.leases[state])),
];
const marketLike = (index) =>
  imitations(index, (stage) => stage.dataOf(stage.world.market), (stage) => stage.leases.funded);
const vacant = (index, taken) => [
  readOnly(index),
  swap(index, "taken already", ERROR.ALREADY_OPEN, taken),
  swap(index, "of this program, with no data", ERROR.ALREADY_OPEN, (stage) => stage.imitate([])),
  swap(index, "of another program", ERROR.ALREADY_OPEN, (stage) => stage.imitate([], LOADER)),
  swap(index, "the System program's, with data", ERROR.ALREADY_OPEN,
    (stage) => stage.imitate([0], obelisk.SYSTEM_PROGRAM)),
  { name: "an address that signs for itself", code: ERROR.WRONG_KEY,
    places: [`${index}.address`, `${index}.signer`],
    apply: (draft, stage) => Object.assign(draft.accounts[index],
      { address: stage.stranger(index), signer: true }) },
  swap(index, "no address of these seeds", RUNTIME, (stage) => stage.closed),
  { name: "another bump", code: RUNTIME, places: ["data.bump"],
    apply: (draft) => { draft.data[1] = (draft.data[1] + 255) % 256; } },
];

// kind -> (index, case) -> bends. A kind: what the page marks with s and w, and what is stored.
const OF_KIND = {
  payer: (i) => [unsigned(i), readOnly(i), stranger(i, RUNTIME), ...becomes(i, RUNTIME)],
  "payer-party": (i) => [unsigned(i), readOnly(i), stranger(i), ...becomes(i, RUNTIME)],
  party: (i) => [unsigned(i), stranger(i), writableToo(i), ...becomes(i, HARMLESS),
    swap(i, "another market's operator", ERROR.WRONG_KEY, () => wallets.operator2.address)],
  attestor: (i) => [unsigned(i), stranger(i), writableToo(i), ...becomes(i, HARMLESS),
    swap(i, "the operator's key", ERROR.WRONG_KEY, () => wallets.operator.address),
    swap(i, "another market's attestor", ERROR.WRONG_KEY, () => wallets.attestor2.address)],
  "signing-party": (i) => [unsigned(i), readOnly(i), stranger(i), ...becomes(i, HARMLESS)],
  // The renter of cancel may sign: who does not is anyone, and before the deadline too early.
  canceller: (i) => [{ ...unsigned(i), code: ERROR.TOO_EARLY }, readOnly(i), stranger(i),
    ...becomes(i, HARMLESS)],
  "payee-party": (i) => [readOnly(i), stranger(i), signsToo(i), reserved(i),
    ...becomes(i, HARMLESS)],
  // No key is stored yet: any wallet that can be paid will do.
  payee: (i) => [readOnly(i), reserved(i), ...becomes(i, HARMLESS)],
  lease: storedLease,
  market: (i) => [readOnly(i), ...marketLike(i),
    swap(i, "another operator's market", ERROR.WRONG_KEY, (stage) => stage.market2)],
  terms: (i) => [writableToo(i), ...marketLike(i)],
  vacant: (i, it) => vacant(i, (stage) =>
    (it.name === "create_market" ? stage.world.market : stage.leases.funded)),
  program: (i) => [
    swap(i, "another program", ERROR.WRONG_PROGRAM, () => LOADER),
    swap(i, "a wallet", ERROR.WRONG_PROGRAM, (stage) => stage.stranger(i)),
    swap(i, "its bytes at another address", ERROR.WRONG_PROGRAM,
      (stage) => stage.imitate(new Uint8Array(64), LOADER)),
  ],
};

const LAST = "shape"; // applied after all others
const shape = (name, code, apply) => ({ name, code, places: [LAST], apply });

function shapeBends(accounts, length) {
  const cuts = [...Array(length).keys()].map((left) => shape(`data cut to ${left}`, ERROR.BAD_DATA,
    (draft) => { draft.data = draft.data.slice(0, left); }));
  const pads = [1, 8, 600].map((more) => shape(`data padded by ${more}`, ERROR.BAD_DATA,
    (draft) => { draft.data = Uint8Array.from([...draft.data, ...new Uint8Array(more)]); }));
  const tags = [9, 10, 128, 255].map((tag) => ({ name: `tag ${tag}`, code: ERROR.BAD_DATA,
    places: ["data.tag"], apply: (draft) => { draft.data[0] = tag; } }));
  const without = accounts.map((account, i) => shape(`without ${account}`, ERROR.BAD_COUNT,
    (draft) => { draft.accounts.splice(i, 1); }));
  const more = (name, count) => shape(name, ERROR.BAD_COUNT, (draft, stage) => {
    for (let i = 0; i < count; i += 1) {
      draft.accounts.push({ address: stage.imitate([]), signer: false, writable: false });
    }
  });
  return [...cuts, ...pads, ...tags, ...without,
    shape("no accounts", ERROR.BAD_COUNT, (draft) => { draft.accounts = []; }),
    more("one account more", 1), more("twelve accounts more", 12),
    shape("one account more, a repeated one", ERROR.BAD_COUNT,
      (draft) => { draft.accounts.push({ ...draft.accounts[0] }); })];
}

// The first account of the two keeps its signature: a program address has none to give.
const duplicate = (names, i, j) => ({
  name: `${names[i]}: ${names[j]} again`, code: ERROR.DUPLICATE_ACCOUNT,
  places: [`${i}.address`, `${i}.signer`, `${j}.address`, `${j}.signer`],
  apply: ({ accounts }) => Object.assign(accounts[i],
    { address: accounts[j].address, signer: accounts[j].signer }),
});
const duplicates = (names) => names.flatMap((_, i) =>
  names.flatMap((_first, j) => (i === j ? [] : [duplicate(names, i, j)])));

// Every bend of a case, each named by what it bends.
export function bendsOf(it, length) {
  const named = (index, bend) => ({ ...bend, name: `${it.accounts[index]}: ${bend.name}` });
  return [
    ...it.accounts.flatMap((account, i) =>
      OF_KIND[account.split(" ")[0]](i, it).map((bend) => named(i, bend))),
    ...duplicates(it.accounts),
    ...shapeBends(it.accounts, length),
    ...it.bends,
  ];
}
export const isLast = (bend) => bend.places[0] === LAST;
