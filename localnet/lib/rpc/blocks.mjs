/** The methods about slots, blocks, time and the node itself. */
import { blockHeight, epochOf, kFirstSlot, kSlotsPerEpoch } from "../clock.mjs";
import { invalidParams, kBlockNotAvailable, RpcError } from "../errors.mjs";
import { isAddress } from "../encoding.mjs";
import { config, integer, kVersionName, viewSlot, withContext } from "./params.mjs";

/** @param {import("../ledger.mjs").Ledger} ledger */
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
    getBlockHeight: ([options]) => blockHeight(slotOf(options)),
    getBlockTime([slot]) {
      const wanted = integer(slot, { name: "the slot" });
      if (wanted > ledger.slot) {
        throw new RpcError(kBlockNotAvailable, `Block not available for slot ${wanted}`);
      }
      return wanted < kFirstSlot ? null : ledger.unixTime(wanted);
    },
    getEpochInfo([options]) {
      const slot = slotOf(options);
      return {
        absoluteSlot: slot,
        blockHeight: blockHeight(slot),
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
    getHealth: () => "ok",
    getVersion: () => ({ "solana-core": `${kVersionName}-localnet`, "feature-set": 0 }),
    getGenesisHash: () => ledger.genesisHash,
    getIdentity: () => ({ identity: ledger.identity }),
  };
}
