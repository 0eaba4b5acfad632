/** The methods about slots, blocks, time and the node itself. */
import { epochOf, kFirstSlot, kSlotsPerEpoch } from "../clock.mjs";
import {
  invalidParams, kBlockNotAvailable, kNodeUnhealthy, kSlotSkipped, RpcError,
} from "../errors.mjs";
import { isAddress } from "../encoding.mjs";
import {
  choice, config, flag, integer, kVersionName, settledCommitment, viewSlot, withContext,
} from "./params.mjs";
import { landedJson, transactionStyle } from "./transaction_json.mjs";

/** @param {import("../node.mjs").Node} ledger */
export function blockMethods(ledger) {
  const slotOf = (options) => viewSlot(ledger, config(options));
  return {
    getLatestBlockhash([options]) {
      const slot = slotOf(options);
      return withContext(slot, ledger.hashes.latest(slot));
    },
    isBlockhashValid([hash, options]) {
      if (!isAddress(hash)) throw invalidParams("the blockhash is not 32 bytes of base58");
      const slot = slotOf(options);
      return withContext(slot, ledger.hashes.isValid(hash, slot));
    },
    getSlot: ([options]) => slotOf(options),
    getBlockHeight: ([options]) => ledger.heightOf(slotOf(options)),
    getBlockTime([slot]) {
      const wanted = integer(slot, { name: "the slot" });
      if (wanted > ledger.slot) {
        throw new RpcError(kBlockNotAvailable, `Block not available for slot ${wanted}`);
      }
      if (ledger.isSkipped(wanted)) {
        throw new RpcError(kSlotSkipped, `Slot ${wanted} was skipped: it has no block`);
      }
      return wanted < kFirstSlot ? null : ledger.unixTime(wanted);
    },
    getBlock([slot, options]) {
      const settings = config(options);
      const wanted = integer(slot, { name: "the slot" });
      const shown = viewSlot(ledger, settings, settledCommitment(settings));
      const details = choice(settings.transactionDetails, ["full", "signatures", "none"],
        "transactionDetails", "full");
      const style = transactionStyle({ encoding: "base64", ...settings });
      if (wanted > shown) {
        throw new RpcError(kBlockNotAvailable, `Block not available for slot ${wanted}`);
      }
      if (wanted < kFirstSlot || ledger.isSkipped(wanted)) {
        throw new RpcError(kSlotSkipped, `Slot ${wanted} was skipped: it has no block`);
      }
      const parent = ledger.parentOf(wanted);
      const records = ledger.history.inSlot(wanted);
      return {
        blockHeight: ledger.heightOf(wanted),
        blockTime: ledger.unixTime(wanted),
        blockhash: ledger.hashes.latest(wanted).blockhash,
        parentSlot: parent,
        previousBlockhash: ledger.hashes.latest(parent).blockhash,
        ...(details === "full"
          ? { transactions: records.map((one) => landedJson(one, style)) } : {}),
        ...(details === "signatures" ? { signatures: records.map((one) => one.signature) } : {}),
        ...(flag(settings.rewards ?? true, "rewards") ? { rewards: [] } : {}),
      };
    },
    getEpochInfo([options]) {
      const slot = slotOf(options);
      return {
        absoluteSlot: slot,
        blockHeight: ledger.heightOf(slot),
        epoch: epochOf(slot),
        slotIndex: slot % kSlotsPerEpoch,
        slotsInEpoch: kSlotsPerEpoch,
        transactionCount: ledger.history.size,
      };
    },
    getEpochSchedule: () => ({
      slotsPerEpoch: kSlotsPerEpoch,
      leaderScheduleSlotOffset: kSlotsPerEpoch,
      warmup: false,
      firstNormalEpoch: 0,
      firstNormalSlot: 0,
    }),
    getFirstAvailableBlock: () => kFirstSlot,
    getTransactionCount: () => ledger.history.size,
    getHealth() {
      const slots = ledger.unhealthyBy();
      if (slots === 0) return "ok";
      throw new RpcError(kNodeUnhealthy, `Node is behind by ${slots} slots`,
        { numSlotsBehind: slots });
    },
    getVersion: () => ({ "solana-core": `${kVersionName}-localnet`, "feature-set": 0 }),
    getGenesisHash: () => ledger.genesisHash,
    getIdentity: () => ({ identity: ledger.identity }),
  };
}
