/**
 * What a message costs: 5000 lamports a signature, and price times limit for its compute units.
 */
const kLamportsPerSignature = 5000n;
const kComputeBudget = "ComputeBudget111111111111111111111111111111";
const kMaxUnits = 1_400_000n;
const kUnitsPerInstruction = 200_000n;
const kUnitsPerBuiltin = 3_000n;
const kMicro = 1_000_000n;
const kTagUnitLimit = 2;
const kTagUnitPrice = 3;

const kBuiltins = new Set([
  "11111111111111111111111111111111",
  kComputeBudget,
  "Vote111111111111111111111111111111111111111",
  "BPFLoaderUpgradeab1e11111111111111111111111",
  "BPFLoader2111111111111111111111111111111111",
  "BPFLoader1111111111111111111111111111111111",
  "LoaderV411111111111111111111111111111111111",
]);
/** Each signature that one of these verifies is paid for like the transaction's own. */
const kVerifiers = new Set([
  "Ed25519SigVerify111111111111111111111111111",
  "KeccakSecp256k11111111111111111111111111111",
  "Secp256r1SigVerify1111111111111111111111111",
]);

/** The price and limit that the message asks for. @param {import("./wire.mjs").Message} message */
export function computeBudget(message) {
  let price = 0n;
  let limit;
  let fallback = 0n;
  for (const { program, data } of message.instructions) {
    const id = message.keys[program];
    const builtin = kBuiltins.has(id) || kVerifiers.has(id);
    fallback += builtin ? kUnitsPerBuiltin : kUnitsPerInstruction;
    if (id !== kComputeBudget) continue;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (data[0] === kTagUnitLimit && data.length >= 5) limit = BigInt(view.getUint32(1, true));
    if (data[0] === kTagUnitPrice && data.length >= 9) price = view.getBigUint64(1, true);
  }
  const units = limit ?? fallback;
  return { price, limit: units < kMaxUnits ? units : kMaxUnits };
}

/** The fee in lamports. @param {import("./wire.mjs").Message} message */
export function messageFee(message) {
  let signatures = BigInt(message.header.numSignerAccounts);
  for (const { program, data } of message.instructions) {
    if (kVerifiers.has(message.keys[program])) signatures += BigInt(data[0] ?? 0);
  }
  if (message.version === 1) return signatures * kLamportsPerSignature + priorityOfV1(message);
  const { price, limit } = computeBudget(message);
  return signatures * kLamportsPerSignature + (price * limit + kMicro - 1n) / kMicro;
}

/** A v1 message names its priority fee outright, as the only 64-bit value of its config. */
function priorityOfV1({ config }) {
  const values = config.map((entry) => entry?.value ?? entry);
  return values.find((value) => typeof value === "bigint") ?? 0n;
}
