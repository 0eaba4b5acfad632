// A key pair made in the browser, in OpenSSH's own formats (PROTOCOL.key of OpenSSH). The private
// part is handed to its owner as a file and kept nowhere; it must never be sent.
import { encodeBase64 } from "./base64.ts";

const TYPE = "ssh-ed25519";
const COMMENT = "obelisk";
const COLUMNS = 70;
const BLOCK = 8; // of the cipher "none": the private part is padded to it

const bytesOf = (text: string) => new TextEncoder().encode(text);

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function u32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

const field = (bytes: Uint8Array) => join([u32(bytes.length), bytes]);
const word = (text: string) => field(bytesOf(text));

const publicBlob = (publicKey: Uint8Array) => join([word(TYPE), field(publicKey)]);

export function publicLine(publicKey: Uint8Array): string {
  return `${TYPE} ${encodeBase64(publicBlob(publicKey))} ${COMMENT}`;
}

// `check` stands twice in the private part, so that a reader sees whether it deciphered it.
export function privateFile(seed: Uint8Array, publicKey: Uint8Array, check: number): string {
  const secret = [
    u32(check),
    u32(check),
    word(TYPE),
    field(publicKey),
    field(join([seed, publicKey])),
    word(COMMENT),
  ];
  const length = secret.reduce((sum, part) => sum + part.length, 0);
  const missing = (BLOCK - (length % BLOCK)) % BLOCK;
  secret.push(Uint8Array.from({ length: missing }, (_, i) => i + 1));
  const whole = join([
    bytesOf("openssh-key-v1\0"),
    word("none"), // cipher
    word("none"), // how a passphrase becomes its key
    word(""), // and with what
    u32(1), // keys
    field(publicBlob(publicKey)),
    field(join(secret)),
  ]);
  const lines = encodeBase64(whole).match(new RegExp(`.{1,${COLUMNS}}`, "g")) ?? [];
  const marks = ["BEGIN", "END"].map((what) => `-----${what} OPENSSH PRIVATE KEY-----`);
  return `${[marks[0], ...lines, marks[1]].join("\n")}\n`;
}

export interface MadeKey {
  line: string; // public
  file: string; // private: for its owner's disk, and nowhere else
}

// The file that its owner's browser saved, by the public line that belongs to it.
export interface KeyFile {
  line: string;
  name: string;
}

// Each key has its own name: a browser would save a second one of the same name under another, and
// the lines on the page would lead to the first.
export function fileName(fingerprint: string): string {
  const letters = fingerprint.replace(/^SHA256:/, "").replace(/[^A-Za-z0-9]/g, "");
  return `obelisk_ed25519_${letters.slice(0, 6)}`;
}

// Only where the key that may log in is the one that was made here.
export function fileOf(made: KeyFile | undefined, key: string): string | undefined {
  return made?.line === key ? made.name : undefined;
}

// Undefined where the browser cannot make Ed25519 keys.
export async function makeKey(): Promise<MadeKey | undefined> {
  let pair: CryptoKeyPair;
  try {
    pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  } catch {
    return undefined;
  }
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  // The seed is the last 32 bytes of the 48 of this format.
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const [check = 0] = crypto.getRandomValues(new Uint32Array(1));
  return {
    line: publicLine(publicKey),
    file: privateFile(pkcs8.subarray(pkcs8.length - 32), publicKey, check),
  };
}
