/** What this chain can do beyond a real one: move its time, and have bad days on purpose. */
import { invalidParams } from "../errors.mjs";
import { integer } from "./params.mjs";

const kWarpLimitS = 100 * 365 * 86_400;

/**
 * @param {{ledger: import("../ledger.mjs").Ledger, nodes: import("../node.mjs").Node[],
 *   faults: import("../faults/faults.mjs").Faults,
 *   delivery: import("../faults/delivery.mjs").Delivery}} parts
 */
export function localMethods({ ledger, nodes, faults, delivery }) {
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
    obelisk_fault([request]) {
      if ((request?.node ?? 0) >= nodes.length) {
        throw invalidParams(`there is no node ${request.node}; the last is ${nodes.length - 1}`);
      }
      return faults.set(request);
    },
    obelisk_faults: () => ({
      ...faults.report(),
      transactions: delivery.report(),
      nodes: nodes.map(({ number, slot, lag }) => ({ node: number, slot, lag })),
    }),
  };
}
