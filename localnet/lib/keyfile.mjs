/**
 * Key files of the Solana CLI: a JSON list of 64 numbers, secret half then public half. A file that
 * others can read is refused, and nothing of a key is ever in a message.
 */
import {
  createPrivateKey, createPublicKey, generateKeyPairSync,
} from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";

const kPkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const kOthers = 0o077;

/** A failure that a person can mend. */
export class KeyFileError extends Error {}

function publicHalf(secret) {
  const key = createPrivateKey({
    key: Buffer.concat([kPkcs8Prefix, secret]), format: "der", type: "pkcs8",
  });
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
}

/** @returns {Uint8Array} the 64 bytes of a key file */
export function readKeyFile(path) {
  let text;
  try {
    const fd = openSync(path, "r");
    try {
      const mode = fstatSync(fd).mode & 0o777;
      if ((mode & kOthers) !== 0) {
        throw new KeyFileError(`${path} has mode 0${mode.toString(8)}: others can read the key. `
          + `Run "chmod 600 ${path}". Nothing was sent.`);
      }
      text = readFileSync(fd, "utf8");
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    throw new KeyFileError(`The key file ${path} cannot be read: ${error.code}.`);
  }
  let numbers = null;
  try {
    numbers = JSON.parse(text);
  } catch {
    // Told below, without the text: it may hold most of a key.
  }
  const fine = Array.isArray(numbers) && numbers.length === 64
    && numbers.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
  if (!fine) throw new KeyFileError(`${path} is not a key file: 64 numbers in a JSON list.`);
  const bytes = Uint8Array.from(numbers);
  if (Buffer.compare(publicHalf(bytes.subarray(0, 32)), bytes.subarray(32)) !== 0) {
    throw new KeyFileError(`${path} is damaged: its two halves are not of one key.`);
  }
  return bytes;
}

/**
 * Makes a key file unless there is one. @returns {{address: Uint8Array, made: boolean}}
 */
export function ensureKeyFile(path) {
  const { privateKey } = generateKeyPairSync("ed25519");
  const secret = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32);
  const bytes = Buffer.concat([secret, publicHalf(secret)]);
  try {
    writeFileSync(path, `${JSON.stringify([...bytes])}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (error.code === "EEXIST") return { address: readKeyFile(path).subarray(32), made: false };
    throw new KeyFileError(`The key file ${path} cannot be made: ${error.code}.`);
  }
  return { address: bytes.subarray(32), made: true };
}
