// The built program's side: the VM with mainnet's features, the program deployed to it by the
// loader. It plays what the model played and lists every point in which the two differ. Signatures
// of transactions are not looked at (those of proofs are), so that a key needs no secret half.
import { litesvm, kit } from "../client/deps.mjs";
import { wallets, World } from "../test/harness.mjs";
import { END } from "./frames.mjs";

const { Account, FailedTransactionMetadata } = await litesvm();
const EVENT_LINE = "Program data: ";
const NO_OWNER = Buffer.alloc(32);
const PAYER_LAMPORTS = 10n ** 18n;

const base58 = (bytes) => kit.getBase58Decoder().decode(bytes);

// The runtime's answer in the model's words.
function readError(error, proofAt) {
  const name = error.constructor.name;
  if (name === "TransactionErrorInsufficientFundsForRent") return { end: END.rent };
  if (name !== "TransactionErrorInstructionError") return { end: `${name} ${error}` };
  const code = error.err()?.code;
  if (error.index === proofAt) return { end: END.forged, at: error.index };
  if (code === undefined) return { end: END.seeds, at: error.index, what: String(error) };
  return { end: END.refused, at: error.index, code };
}

const logsOf = (sent) =>
  (sent instanceof FailedTransactionMetadata ? sent.meta() : sent).logs();

export class Chain {
  static async make() {
    const world = await World.make("mainnet", { market: false });
    world.svm.withSigverify(false).withBlockhashCheck(false).withTransactionHistory(0n);
    return new Chain(world);
  }

  // The bytes as they are: the library's own calls would decode and encode each of them again.
  #vm;
  #clock;
  skewS = 0n;

  constructor(world) {
    this.#vm = world.svm.inner;
    this.#clock = world.svm.getClock();
    this.program = wallets.program.address;
    this.payer = wallets.payer.address;
    this.#put({ key: kit.getAddressEncoder().encode(this.payer), owner: NO_OWNER,
      lamports: PAYER_LAMPORTS, data: Buffer.alloc(0) });
  }

  #put({ key, owner, lamports, data }) {
    this.#vm.setAccount(key, new Account(lamports, data, owner, false, 0n));
  }

  start(accounts) {
    for (const account of accounts) this.#put(account);
  }

  // {result, differences}; what the events say of states is in result.states.
  play(step) {
    this.#clock.unixTimestamp = step.now + this.skewS;
    this.#clock.slot = step.slot;
    this.#vm.setClock(this.#clock);
    const sent = this.#vm.sendLegacyTransaction(step.transaction);
    const failed = sent instanceof FailedTransactionMetadata;
    const forgedAt = step.end === END.forged ? step.at : -1;
    const result = failed ? readError(sent.err(), forgedAt) : { end: END.done };
    const events = failed ? [] : sent.logs().filter((line) => line.startsWith(EVENT_LINE))
      .map((line) => Buffer.from(line.slice(EVENT_LINE.length), "base64"));
    result.states = events.map((event) => event[5]);
    const differences = [...this.#compareResult(step, result, sent),
      ...this.#compareEvents(step, events), ...this.compare(step.accounts)];
    return { result, differences };
  }

  #compareResult(step, result, sent) {
    const names = Object.keys(END);
    const say = ({ end, at, code }) => `${names[end] ?? end}`
      + (end === END.refused ? ` ${code} at instruction ${at}` : "");
    const same = step.end === result.end
      && (step.end !== END.refused || (step.at === result.at && step.code === result.code));
    return same ? [] : [`result: model ${say(step)}, program ${say(result)}`,
      ...logsOf(sent).slice(-4).map((line) => `the VM: ${line.slice(0, 160)}`)];
  }

  #compareEvents(step, events) {
    const differences = [];
    for (let i = 0; i < Math.max(step.events.length, events.length); i += 1) {
      const [model, program] = [step.events[i], events[i]];
      if (model !== undefined && program !== undefined && model.equals(program)) continue;
      differences.push(`event ${i}: model ${model?.toString("hex")}, `
        + `program ${program?.toString("hex")}`);
    }
    return differences;
  }

  // Owner, lamports and every byte. An account that is not there has none of them.
  compare(accounts) {
    const differences = [];
    for (const { key, owner, lamports, data } of accounts) {
      const there = this.#vm.getAccount(key);
      const name = () => base58(key);
      const [hasLamports, hasOwner, hasData] = there === null
        ? [0n, NO_OWNER, NO_OWNER.subarray(32)]
        : [there.lamports(), there.owner(), there.data()];
      if (hasLamports !== lamports) {
        differences.push(`${name()}: lamports: model ${lamports}, program ${hasLamports}`);
      }
      if (!owner.equals(hasOwner)) {
        differences.push(`${name()}: owner: model ${base58(owner)}, program ${base58(hasOwner)}`);
      }
      if (!data.equals(hasData)) differences.push(...bytesThatDiffer(name(), data, hasData));
    }
    return differences;
  }
}

function bytesThatDiffer(name, model, program) {
  if (model.length !== program.length) {
    return [`${name}: model ${model.length} bytes, program ${program.length}`];
  }
  const at = model.findIndex((byte, i) => byte !== program[i]);
  return [`${name}: from byte ${at}: model ${model.subarray(at, at + 8).toString("hex")}, `
    + `program ${Buffer.from(program).subarray(at, at + 8).toString("hex")}`];
}
