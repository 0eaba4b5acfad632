/** What this chain can do beyond a real one: move its time, and have bad days on purpose. */
import { invalidParams } from "../errors.mjs";
import { integer } from "./params.mjs";

const kWarpLimitS = 100 * 365 * 86_400;

/** Calls that change the chain for a test are never hit by the faults that they set. */
export const kLocalPrefix = "obelisk_";

/**
 * @param {import("../ledger.mjs").Ledger} ledger
 * @param {import("../faults.mjs").Faults} faults
 */
export function localMethods(ledger, faults) {
  return {
    obelisk_warp([request]) {
      const wanted = typeof request === "object" && request !== null ? request.seconds : request;
      const seconds = integer(wanted, { name: "seconds", max: kWarpLimitS });
      try {
        ledger.warp(seconds);
      } catch (error) {
        if (error instanceof RangeError) throw invalidParams(error.message);
        throw error;
      }
      return { slot: ledger.slot, unix_time: ledger.unixTime(ledger.slot) };
    },
    obelisk_fault: ([request]) => faults.set(request),
  };
}
