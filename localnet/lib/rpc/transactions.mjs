/** The methods that send, simulate and look up transactions. */
import {
  invalidParams, kInternalError, kPreflightFailure, kSignatureFailure, RpcError,
  transactionErrorText,
} from "../errors.mjs";
import { messageFee } from "../fees.mjs";
import { decodeMessage, decodeTransaction } from "../wire.mjs";
import { accountJson, accountStyle } from "./account_json.mjs";
import {
  address, choice, commitment, config, flag, integer, list, settledCommitment, signature, u64,
  viewSlot, wireBytes, withContext,
} from "./params.mjs";
import { landedJson, simulationAccounts, transactionStyle } from "./transaction_json.mjs";

const kStatusesLimit = 256;
const kSignaturesLimit = 1000;
const kFeeAddressesLimit = 128;
const kFeeSlots = 150;
/** How long a node remembers statuses without looking into its history. */
const kStatusSlots = 300;
const kWireEncodings = ["base58", "base64"];

const kNothingRan = Object.freeze({ logs: [], units: 0, inner: [], returnData: null });

function transactionOf(text, settings) {
  const encoding = choice(settings.encoding, kWireEncodings, "encoding", "base58");
  return decodeTransaction(wireBytes(text, encoding));
}

function simulationJson({ err, logs, units, returnData }) {
  return { err, logs, unitsConsumed: units, returnData, accounts: null, innerInstructions: null };
}

function refuseBadSignature({ err }) {
  if (err !== "SignatureFailure") return;
  throw new RpcError(kSignatureFailure, "Transaction signature verification failure");
}

/** @param {import("../node.mjs").Node} ledger */
function preflight(ledger, transaction, slot) {
  const { message } = transaction;
  let result;
  if (!ledger.hashes.isValid(message.blockhash, slot)) {
    result = { ...kNothingRan, err: "BlockhashNotFound" };
  } else if (ledger.history.get(transaction.signature) !== undefined) {
    result = { ...kNothingRan, err: "AlreadyProcessed" };
  } else {
    result = ledger.simulate(transaction, { verifySignatures: true });
  }
  if (result.err === null) return;
  refuseBadSignature(result);
  throw new RpcError(kPreflightFailure,
    `Transaction simulation failed: ${transactionErrorText(result.err)}`, simulationJson(result));
}

/** @param {import("../node.mjs").Node} ledger */
function sending(ledger, deliver) {
  return {
    sendTransaction([text, options]) {
      const settings = config(options);
      const transaction = transactionOf(text, settings);
      integer(settings.maxRetries, { name: "maxRetries", fallback: 0 });
      const level = commitment(settings, { key: "preflightCommitment" });
      const slot = viewSlot(ledger, settings, level);
      if (!flag(settings.skipPreflight, "skipPreflight")) preflight(ledger, transaction, slot);
      // As on a real node the answer says "forwarded": whether it lands is asked for afterwards.
      deliver(transaction);
      return transaction.signature;
    },
    simulateTransaction([text, options]) {
      const settings = config(options);
      const transaction = transactionOf(text, settings);
      const verifySignatures = flag(settings.sigVerify, "sigVerify");
      const replace = flag(settings.replaceRecentBlockhash, "replaceRecentBlockhash");
      if (verifySignatures && replace) {
        throw invalidParams("sigVerify may not be used with replaceRecentBlockhash");
      }
      const slot = viewSlot(ledger, settings);
      const stale = !replace && !ledger.hashes.isValid(transaction.message.blockhash, slot);
      const result = stale
        ? { ...kNothingRan, err: "BlockhashNotFound", accounts: null }
        : ledger.simulate(transaction, { verifySignatures });
      refuseBadSignature(result);
      return withContext(slot, {
        ...simulationJson(result),
        accounts: accountsAfter(ledger, result, settings.accounts),
        ...(flag(settings.innerInstructions, "innerInstructions")
          ? { innerInstructions: result.inner } : {}),
        ...(replace ? { replacementBlockhash: ledger.hashes.latest(slot) } : {}),
      });
    },
    requestAirdrop([key, lamports, options]) {
      config(options);
      const sent = ledger.airdrop(address(key), u64(lamports, "the lamports"));
      if (sent === null) {
        throw new RpcError(kInternalError, "The faucet could not send that: its balance or the "
          + "account's rent minimum does not allow it. Nothing was sent.");
      }
      return sent;
    },
  };
}

function accountsAfter(ledger, result, wish) {
  const wanted = simulationAccounts(wish);
  if (wanted === null) return null;
  const style = accountStyle({ encoding: "base64", ...wanted });
  return list(wanted.addresses, 100, "accounts.addresses").map((key) => {
    if (result.err !== null) return null;
    const account = result.accounts.get(address(key)) ?? ledger.account(key, ledger.slot);
    return account === null || account.lamports === 0n ? null : accountJson(account, style);
  });
}

/** @param {import("../node.mjs").Node} ledger */
function lookingUp(ledger) {
  const commitmentOf = (record) => ["finalized", "confirmed"].find((level) =>
    record.slot <= ledger.slotAt(level)) ?? "processed";
  const statusOf = (record) => {
    const level = commitmentOf(record);
    const above = ledger.heightOf(ledger.slot) - ledger.heightOf(record.slot);
    return {
      slot: record.slot,
      confirmations: level === "finalized" ? null : above,
      err: record.err,
      status: record.err === null ? { Ok: null } : { Err: record.err },
      confirmationStatus: level,
    };
  };
  return {
    getSignatureStatuses([wanted, options]) {
      const whole = flag(config(options).searchTransactionHistory, "searchTransactionHistory");
      const statuses = list(wanted, kStatusesLimit, "the list of signatures").map((entry) => {
        const record = ledger.history.get(signature(entry));
        if (record === undefined) return null;
        return whole || ledger.slot - record.slot <= kStatusSlots ? statusOf(record) : null;
      });
      return withContext(ledger.slot, statuses);
    },
    getTransaction([wanted, options]) {
      const settings = typeof options === "string" ? { encoding: options } : config(options);
      const slot = viewSlot(ledger, settings, settledCommitment(settings));
      const style = transactionStyle(settings);
      const record = ledger.history.get(signature(wanted));
      return record === undefined || record.slot > slot ? null : landedJson(record, style);
    },
    getSignaturesForAddress([key, options]) {
      const settings = config(options);
      const slot = viewSlot(ledger, settings, settledCommitment(settings));
      const optional = (value, name) => (value === undefined || value === null
        ? undefined : signature(value, name));
      return ledger.history.forAddress(address(key), {
        slot,
        before: optional(settings.before, "before"),
        until: optional(settings.until, "until"),
        limit: integer(settings.limit, {
          name: "limit", min: 1, max: kSignaturesLimit, fallback: kSignaturesLimit,
        }),
      }).map((record) => ({
        signature: record.signature,
        slot: record.slot,
        err: record.err,
        memo: null,
        blockTime: record.time,
        confirmationStatus: commitmentOf(record),
      }));
    },
  };
}

/** @param {import("../node.mjs").Node} ledger */
function fees(ledger) {
  return {
    getFeeForMessage([text, options]) {
      const slot = viewSlot(ledger, config(options));
      const message = decodeMessage(wireBytes(text, "base64"));
      const valid = ledger.hashes.isValid(message.blockhash, slot);
      return withContext(slot, valid ? messageFee(message) : null);
    },
    getRecentPrioritizationFees([keys]) {
      const wanted = list(keys ?? [], kFeeAddressesLimit, "the list of addresses")
        .map((key) => address(key));
      return Array.from({ length: kFeeSlots }, (_, index) => {
        const slot = ledger.slot - kFeeSlots + 1 + index;
        const prices = ledger.history.inSlot(slot)
          .filter((record) => wanted.every((key) => record.writable.includes(key)))
          .map((record) => record.price);
        return { slot, prioritizationFee: prices.length === 0 ? 0 : Math.min(...prices) };
      });
    },
  };
}

/**
 * @param {import("../node.mjs").Node} ledger
 * @param {(transaction: object) => void} deliver  takes a transaction that was sent
 */
export function transactionMethods(ledger, deliver) {
  return { ...sending(ledger, deliver), ...lookingUp(ledger), ...fees(ledger) };
}
