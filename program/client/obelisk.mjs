// Generated from program/description.json by tools/codegen/program.py: change those.
// A client of the lease escrow for the page, scripts and tests: addresses,
// instructions, accounts, events, arithmetic. It signs nothing and sends nothing.
export * from "./accounts.mjs";
export * from "./instructions.mjs";
export * from "./protocol.mjs";
