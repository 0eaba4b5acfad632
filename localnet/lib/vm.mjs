/**
 * LiteSVM behind plain values. This is the only file that knows LiteSVM. It uses the package's
 * native class, which takes wire bytes as they are; the version is pinned in package.json.
 * It keeps no history, no blockhashes and no duplicates: those are the ledger's.
 */
import litesvm from "litesvm/dist/internal.js";
import { epochOf } from "./clock.mjs";
import { addressBytes, toBase58 } from "./encoding.mjs";
import { transactionErrorJson } from "./errors.mjs";

const { Account, Clock, FailedTransactionMetadata, FeatureSet, LiteSvm, Rent } = litesvm;

const kAirdropLamports = 1_000_000n;

/**
 * @typedef {{lamports: bigint, data: Uint8Array, owner: string, executable: boolean}} AccountState
 */

function bare(features) {
  if (features === "mainnet") return new LiteSvm();
  // The feature set must come first: set on a ready machine it breaks every run.
  const svm = LiteSvm.default();
  svm.setFeatureSet(FeatureSet.allEnabled());
  svm.setBuiltins();
  svm.setLamports(kAirdropLamports);
  svm.setSysvars();
  svm.setDefaultPrograms();
  svm.setPrecompiles();
  svm.setSigverify(true);
  return svm;
}

/** @returns {AccountState|null} */
function state(account) {
  if (account === null) return null;
  return {
    lamports: account.lamports(),
    data: account.data(),
    owner: toBase58(account.owner()),
    executable: account.executable(),
  };
}

function innerInstructions(meta) {
  return meta.innerInstructions().flatMap((list, index) => list.length === 0 ? [] : [{
    index,
    instructions: list.map((entry) => {
      const instruction = entry.instruction();
      return {
        programIdIndex: instruction.programIdIndex(),
        accounts: [...instruction.accounts()],
        data: toBase58(instruction.data()),
        stackHeight: entry.stackHeight(),
      };
    }),
  }]);
}

function returnData(meta) {
  const value = meta.returnData();
  const data = value.data();
  if (data.length === 0) return null;
  return {
    programId: toBase58(value.programId()),
    data: [Buffer.from(data).toString("base64"), "base64"],
  };
}

function outcome(result) {
  const failed = result instanceof FailedTransactionMetadata;
  const meta = failed || typeof result.meta === "function" ? result.meta() : result;
  // The fee is a field of the native struct that only its text form shows.
  const fee = /\bfee: (\d+)/.exec(meta.toString());
  return {
    err: failed ? transactionErrorJson(result.err()) : null,
    logs: meta.logs(),
    units: Number(meta.computeUnitsConsumed()),
    inner: innerInstructions(meta),
    returnData: returnData(meta),
    fee: fee === null ? 0n : BigInt(fee[1]),
  };
}

export class Vm {
  #svm;
  #options;

  /** @param {{features: "mainnet"|"all", rentLamportsPerByte?: bigint}} options */
  constructor(options) {
    this.#options = options;
    this.renew();
  }

  /**
   * Begins again with nothing but what every chain has. A machine never forgets the code of a
   * program that it has loaded, and ends the process when one is called whose account is gone.
   */
  renew() {
    const { features, rentLamportsPerByte } = this.#options;
    this.#svm = bare(features);
    this.#svm.setBlockhashCheck(false);
    this.#svm.setTransactionHistory(0n);
    if (rentLamportsPerByte !== undefined) {
      this.#svm.setRent(new Rent(rentLamportsPerByte, 1, 50));
    }
  }

  setTime(slot, unixTime, epochStart) {
    const epoch = BigInt(epochOf(slot));
    this.#svm.setClock(
      new Clock(BigInt(slot), BigInt(epochStart), epoch, epoch + 1n, BigInt(unixTime)),
    );
  }

  /** @returns {AccountState|null} */
  account(address) {
    return state(this.#svm.getAccount(addressBytes(address)));
  }

  /** @returns {bigint} */
  balance(address) {
    return this.#svm.getBalance(addressBytes(address)) ?? 0n;
  }

  /** @param {AccountState|null} account */
  setAccount(address, account) {
    const value = account ?? { lamports: 0n, data: new Uint8Array(), owner: null };
    const owner = value.owner === null ? new Uint8Array(32) : addressBytes(value.owner);
    this.#svm.setAccount(
      addressBytes(address),
      new Account(value.lamports, value.data, owner, value.executable === true, 0n),
    );
  }

  /** @returns {{address: string, account: AccountState}[]} */
  programAccounts(owner) {
    return this.#svm.getProgramAccounts(addressBytes(owner)).map((entry) => ({
      address: toBase58(entry.address),
      account: state(entry.account()),
    }));
  }

  minimumBalance(bytes) {
    return this.#svm.minimumBalanceForRentExemption(BigInt(bytes));
  }

  execute(raw, version) {
    return outcome(version === "legacy"
      ? this.#svm.sendLegacyTransaction(raw)
      : this.#svm.sendVersionedTransaction(raw));
  }

  simulate(raw, version, { verifySignatures }) {
    this.#svm.setSigverify(verifySignatures);
    try {
      const result = version === "legacy"
        ? this.#svm.simulateLegacyTransaction(raw)
        : this.#svm.simulateVersionedTransaction(raw);
      const accounts = result instanceof FailedTransactionMetadata
        ? null
        : new Map(result.postAccounts().map((entry) =>
          [toBase58(entry.address), state(entry.account())]));
      return { ...outcome(result), accounts };
    } finally {
      this.#svm.setSigverify(true);
    }
  }
}
