// What a check of the page refuses. Its name is part of the page's words: `check.NAME`.

export const CHECKS = [
  "terms", // the text is malformed, or its parts do not add up
  "hash", // the id is not the text's SHA-256
  "signature", // the attestor did not sign it
  "shown", // what is shown is not what is signed; `what` is the field
  "asked", // not what the visitor chose; `what` is the field
  "program",
  "account", // the market's account is not its program's for that operator
  "attestor",
  "fee",
  "revision", // the market changed its terms since
  "paused",
  "expired",
  "lease", // the lease's address is not the program's for this wallet and nonce
  "transaction", // it cannot be read, or is of a kind that cannot be checked
  "payer",
  "other-program", // an instruction of another program; `what` names it
  "open", // no instruction that opens exactly this lease, or more than one
  "rights", // an account more, or more rights than needed
  "budget", // of compute
  "network-fee",
  "lifetime", // no blockhash
  "fee-limit", // of a stop, an extend or a claim, which no quote bounds
  "stop", // it does not just end this lease
  "concede", // it does not just end this lease's dispute for its host
  "extend", // it does not just extend this lease
  "claim", // it does not just pay what is proven of this lease
  "time", // it buys another time than was asked for
  "moment", // the lease has started or ended since
  "price", // it is not the price that was shown any more
  "wallet-changed", // the wallet gave back something else than it was given
  "wallet-signature",
] as const;
export type Check = (typeof CHECKS)[number];

export class Refusal extends Error {
  override name = "Refusal";
  constructor(
    readonly check: Check,
    readonly what = "",
  ) {
    super(`${check} ${what}`);
  }
}

// Those that come of looking too long: one looks again, and chooses again.
export const AGAIN: readonly Check[] = ["moment", "price"];
// Those after which a new quote helps; after the others nothing of this market should be signed.
export const OUTDATED: readonly Check[] = ["revision", "paused", "expired"];

export function demand(condition: boolean, check: Check, what = ""): asserts condition {
  if (!condition) throw new Refusal(check, what);
}
