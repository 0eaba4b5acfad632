// Generated from program/description.json by tools/codegen/program.py: change those.
// The numbers of the protocol and its arithmetic. docs/escrow.md explains them.

export const TAG = {
  createMarket: 0, updateMarket: 1, open: 2, ready: 3, cancel: 4, extend: 5, claim: 6, stop: 7,
  finish: 8,
};
// Who says what when a lease is stopped.
export const HOW = { served: 0, dispute: 1, waive: 2, dark: 3 };
// A lease's state; closed stands in events alone.
export const STATE = { closed: 0, funded: 1, active: 2, closing: 3 };

export const ERROR = {
  BAD_DATA: 100, BAD_COUNT: 101, DUPLICATE_ACCOUNT: 102, NOT_WRITABLE: 103, NOT_SIGNER: 104,
  WRONG_PROGRAM: 105, WRONG_OWNER: 106, WRONG_KIND: 107, WRONG_KEY: 108, STALE_LEASE: 109,
  WRONG_STATE: 110, PAUSED: 111, MARKET_CHANGED: 112, QUOTE_EXPIRED: 113, OUT_OF_RANGE: 114,
  SAME_PARTY: 115, EMPTY_WALLET: 116, ALREADY_OPEN: 117, TOO_EARLY: 118, TOO_LATE: 119,
  NO_ED25519: 120, BAD_ED25519: 121, WRONG_MESSAGE: 122, WRONG_ATTESTOR: 123, OVERFLOW: 124,
};

export const ERRORS = [
  {
    code: 100, name: "BAD_DATA",
    meaning: "The instruction's tag, length or way of stopping is none we know.",
    action: "Update the client.",
  },
  {
    code: 101, name: "BAD_COUNT",
    meaning: "The number of accounts is not the instruction's.",
    action: "Update the client.",
  },
  {
    code: 102, name: "DUPLICATE_ACCOUNT",
    meaning: "Two of the accounts are the same.",
    action: "Use a different wallet for each party.",
  },
  {
    code: 103, name: "NOT_WRITABLE",
    meaning: "An account that receives or pays is read-only.",
    action: "Update the client; a reserved key can be no party.",
  },
  {
    code: 104, name: "NOT_SIGNER",
    meaning: "A signature that this instruction needs is missing.",
    action: "Sign with the wallet of the party that it names.",
  },
  {
    code: 105, name: "WRONG_PROGRAM",
    meaning: "The System program or the instructions sysvar is not where it should be.",
    action: "Update the client.",
  },
  {
    code: 106, name: "WRONG_OWNER",
    meaning: "The account is not one of this program.",
    action: "Check the address: the lease may be closed already, and paid out.",
  },
  {
    code: 107, name: "WRONG_KIND",
    meaning: "The account is of another kind, version or size.",
    action: "Check the address.",
  },
  {
    code: 108, name: "WRONG_KEY",
    meaning: "An account is not the one that the lease or market names.",
    action: "Read the lease and use the parties that stand in it.",
  },
  {
    code: 109, name: "STALE_LEASE",
    meaning: "The address was closed and opened again since.",
    action: "Read the lease again.",
  },
  {
    code: 110, name: "WRONG_STATE",
    meaning: "The lease is in a state that does not allow this.",
    action: "Read the lease again: it may be active, contested or over by now.",
  },
  {
    code: 111, name: "PAUSED",
    meaning: "The market takes no new leases at the moment.",
    action: "Rent later. Running leases are not touched.",
  },
  {
    code: 112, name: "MARKET_CHANGED",
    meaning: "The market's terms have changed since the quote.",
    action: "Ask for a new quote.",
  },
  {
    code: 113, name: "QUOTE_EXPIRED",
    meaning: "The quote is too old.",
    action: "Ask for a new quote.",
  },
  {
    code: 114, name: "OUT_OF_RANGE",
    meaning: "A rate, time or term lies outside its bounds.",
    action: "Choose a value within the bounds.",
  },
  {
    code: 115, name: "SAME_PARTY",
    meaning: "Renter, host, treasury, attestor and lease are not five different keys.",
    action: "Rent with a wallet that is no other party.",
  },
  {
    code: 116, name: "EMPTY_WALLET",
    meaning: "A wallet that is to be paid holds 0 lamports.",
    action: "Send it 0.001 SOL first.",
  },
  {
    code: 117, name: "ALREADY_OPEN",
    meaning: "There is an account at this address already.",
    action: "Choose another nonce.",
  },
  {
    code: 118, name: "TOO_EARLY",
    meaning: "The time for this has not come.",
    action: "Wait for the host's deadline, the end or the window's end, as in the lease.",
  },
  {
    code: 119, name: "TOO_LATE",
    meaning: "The time for this has passed.",
    action: "Not ready in time: cancel and take the money back. Ended: rent again.",
  },
  {
    code: 120, name: "NO_ED25519",
    meaning: "No Ed25519 instruction stands right before the claim.",
    action: "Put the attestation's instruction directly before it.",
  },
  {
    code: 121, name: "BAD_ED25519",
    meaning: "The Ed25519 instruction is not of the one shape taken.",
    action: "One signature, no accounts, 200 bytes, all offsets within itself.",
  },
  {
    code: 122, name: "WRONG_MESSAGE",
    meaning: "The attestation is for another program, lease or opening of it.",
    action: "Use the newest attestation of this lease.",
  },
  {
    code: 123, name: "WRONG_ATTESTOR",
    meaning: "The attestation is signed by neither the lease's attestor nor its renter.",
    action: "Use an attestation of the attestor that stands in the lease.",
  },
  {
    code: 124, name: "OVERFLOW",
    meaning: "An amount or a time does not fit.",
    action: "Report this: the bounds should make it impossible.",
  },
];
// What a number that the program returned means; nothing for one not its own.
export const errorOf = (code) =>
  ERRORS.find((one) => one.code === code);

export const MARKET_SIZE = 128;
export const LEASE_SIZE = 296;
export const EVENT_SIZE = 80;
export const ATTESTATION_SIZE = 88;
// Where its fields lie, for the filters of getProgramAccounts.
export const MARKET_OFFSET = {
  kind: 0, version: 1, bump: 2, paused: 3, feeBps: 4, zeroA: 6, readyDeadlineS: 8, gapLimitS: 12,
  claimWindowS: 16, zeroB: 20, rev: 24, operator: 32, treasury: 64, attestor: 96,
};
// Where its fields lie, for the filters of getProgramAccounts.
export const LEASE_OFFSET = {
  kind: 0, version: 1, bump: 2, state: 3, feeBps: 4, zeroA: 6, readyDeadlineS: 8, gapLimitS: 12,
  claimWindowS: 16, seconds: 20, maxSeconds: 24, zeroB: 28, renter: 32, host: 64, market: 96,
  treasury: 128, attestor: 160, termsHash: 192, nonce: 224, openedSlot: 232, rate: 240, openedAt:
  248, startedAt: 256, provenUntil: 264, stoppedAt: 272, windowEnds: 280, released: 288,
};

export const BOND_LAMPORTS = 2_951_040n;
export const MARKET_RENT_LAMPORTS = 1_781_760n;
export const SMALLEST_FIRST_PAYMENT = 890_880n;

export const SYSTEM_PROGRAM =
  "11111111111111111111111111111111";
export const INSTRUCTIONS_SYSVAR =
  "Sysvar1nstructions1111111111111111111111111";
export const ED25519_PROGRAM =
  "Ed25519SigVerify111111111111111111111111111";

// What is paid for so many seconds, rounded up; what they earn, rounded down; the market's part.
export const price = (rate, seconds) =>
  (BigInt(rate) * BigInt(seconds) + 3599n) / 3600n;
export const earned = (rate, seconds) =>
  (BigInt(rate) * BigInt(seconds)) / 3600n;
export const fee = (amount, bps) =>
  (BigInt(amount) * BigInt(bps)) / 10_000n;
