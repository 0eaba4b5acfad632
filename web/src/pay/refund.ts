// What a lease has cost and what comes back when its renter stops it: the program's own arithmetic
// (docs/escrow.md), so that the page promises what the chain pays, to the lamport.
import { BOND_LAMPORTS, earned, price } from "../../../program/client/protocol.ts";

export interface Split {
  used: bigint; // to the host and the market
  back: bigint; // to the renter, the bond with it
}

// A stop after so many seconds of `bought`, conceded by the renter: the host earns them rounded
// down, and everything else in the account goes back.
export function splitAfter(rate: bigint, bought: number, usedSeconds: number): Split {
  const served = Math.min(Math.max(0, Math.floor(usedSeconds)), bought);
  const used = earned(rate, served);
  return { used, back: price(rate, bought) - used + BOND_LAMPORTS };
}
