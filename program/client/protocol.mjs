// The numbers of the protocol, and its arithmetic, in BigInt. docs/escrow.md explains them.

export const TAG = {
  createMarket: 0, updateMarket: 1, open: 2, ready: 3, cancel: 4, extend: 5, claim: 6, stop: 7,
  finish: 8,
};
export const HOW = { served: 0, dispute: 1, waive: 2, dark: 3 };
export const STATE = { closed: 0, funded: 1, active: 2, closing: 3 };

export const ERROR = {
  BAD_DATA: 100, BAD_COUNT: 101, DUPLICATE_ACCOUNT: 102, NOT_WRITABLE: 103, NOT_SIGNER: 104,
  WRONG_PROGRAM: 105, WRONG_OWNER: 106, WRONG_KIND: 107, WRONG_KEY: 108, STALE_LEASE: 109,
  WRONG_STATE: 110, PAUSED: 111, MARKET_CHANGED: 112, QUOTE_EXPIRED: 113, OUT_OF_RANGE: 114,
  SAME_PARTY: 115, EMPTY_WALLET: 116, ALREADY_OPEN: 117, TOO_EARLY: 118, TOO_LATE: 119,
  NO_ED25519: 120, BAD_ED25519: 121, WRONG_MESSAGE: 122, WRONG_ATTESTOR: 123, OVERFLOW: 124,
};

export const BOND_LAMPORTS = 2_951_040n;
export const MARKET_RENT_LAMPORTS = 1_781_760n;
export const SMALLEST_FIRST_PAYMENT = 890_880n;

export const SYSTEM_PROGRAM = "11111111111111111111111111111111";
export const INSTRUCTIONS_SYSVAR = "Sysvar1nstructions1111111111111111111111111";
export const ED25519_PROGRAM = "Ed25519SigVerify111111111111111111111111111";

export const price = (rate, seconds) => (BigInt(rate) * BigInt(seconds) + 3599n) / 3600n;
export const earned = (rate, seconds) => (BigInt(rate) * BigInt(seconds)) / 3600n;
export const fee = (amount, bps) => (BigInt(amount) * BigInt(bps)) / 10_000n;
