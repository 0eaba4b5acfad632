// A small client of the lease escrow for scripts and tests: addresses, instructions, accounts,
// events, arithmetic. It signs nothing and sends nothing.
export * from "./accounts.mjs";
export * from "./instructions.mjs";
export * from "./protocol.mjs";
