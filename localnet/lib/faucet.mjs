/**
 * The faucet: a key made from the chain's seed that holds the local chain's money and signs
 * ordinary transfers. Its lamports are worth nothing; the key never leaves the process.
 */
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { addressBytes, toBase58 } from "./encoding.mjs";

export const kFaucetLamports = 500_000_000_000_000_000n;
const kPkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const kSystem = new Uint8Array(32);
const kComputeBudget = "ComputeBudget111111111111111111111111111111";
const kTagUnitLimit = 2;
const kUnits = 1_000;

const keyOf = (seed) => createPrivateKey({
  key: Buffer.concat([kPkcs8Prefix, createHash("sha256").update("faucet").update(seed).digest()]),
  format: "der",
  type: "pkcs8",
});

export class Faucet {
  #key;
  #address;
  #count = 0;

  /** @param {Buffer} seed */
  constructor(seed) {
    this.#key = keyOf(seed);
    this.#address = createPublicKey(this.#key).export({ format: "der", type: "spki" })
      .subarray(-32);
  }

  get address() {
    return toBase58(this.#address);
  }

  /**
   * A signed legacy transfer. The compute limit counts up so that two equal gifts under one
   * blockhash are two transactions.
   * @returns {Uint8Array}
   */
  transfer(to, lamports, blockhash) {
    this.#count = (this.#count + 1) % 1_000_000;
    const limit = Buffer.alloc(5);
    limit[0] = kTagUnitLimit;
    limit.writeUInt32LE(kUnits + this.#count, 1);
    const amount = Buffer.alloc(12);
    amount.writeUInt32LE(2, 0);
    amount.writeBigUInt64LE(lamports, 4);
    const self = to === this.address;
    const keys = [this.#address, ...(self ? [] : [addressBytes(to)]), kSystem,
      addressBytes(kComputeBudget)];
    const target = self ? 0 : 1;
    const system = keys.length - 2;
    const message = Buffer.concat([
      Buffer.from([1, 0, 2, keys.length]), ...keys, addressBytes(blockhash),
      Buffer.from([2, system + 1, 0, limit.length]), limit,
      Buffer.from([system, 2, 0, target, amount.length]), amount,
    ]);
    return Uint8Array.from(
      Buffer.concat([Buffer.from([1]), sign(null, message, this.#key), message]),
    );
  }
}
