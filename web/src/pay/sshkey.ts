// The one line of an SSH public key, held to what the market takes (src/apps/market/ssh_key.cpp),
// so that a wrong one is found here and a private one is never sent anywhere.
import { decodeBase64, encodeBase64 } from "./base64.ts";

export type KeyFault = "private" | "long" | "lines" | "type" | "damaged";
export type KeyCheck = { line: string; type: string } | { fault: KeyFault };

const MOST = 1024;
const MOST_COMMENT = 100;
// By name: the curve that the second field must be, how many fields there are, and the length of
// the key itself. RSA has two numbers instead.
const TYPES: Record<string, { curve?: string; fields: number; bytes: number }> = {
  "ssh-ed25519": { fields: 2, bytes: 32 },
  "ssh-rsa": { fields: 3, bytes: 0 },
  "ecdsa-sha2-nistp256": { curve: "nistp256", fields: 3, bytes: 65 },
  "ecdsa-sha2-nistp384": { curve: "nistp384", fields: 3, bytes: 97 },
  "ecdsa-sha2-nistp521": { curve: "nistp521", fields: 3, bytes: 133 },
  "sk-ssh-ed25519@openssh.com": { fields: 3, bytes: 32 },
  "sk-ecdsa-sha2-nistp256@openssh.com": { curve: "nistp256", fields: 4, bytes: 65 },
};

// Every private key that is a text says so in its first line.
const PRIVATE = /PRIVATE KEY|PuTTY-User-Key-File/i;

export function checkKey(text: string): KeyCheck {
  if (PRIVATE.test(text)) return { fault: "private" };
  const line = text.replace(/[\r\n ]+$/, "").replace(/^\s+/, "");
  if (line.length > MOST) return { fault: "long" };
  if (!/^[ -~]*$/.test(line)) return { fault: "lines" };
  const [type = "", encoded = "", ...comment] = line.split(/ +/);
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (!known) return { fault: "type" };
  const blob = decodeBase64(encoded);
  const fields = blob && fieldsOf(blob);
  if (!fields || !matches(type, known, fields)) return { fault: "damaged" };
  const words = comment.join(" ").slice(0, MOST_COMMENT);
  const plain = words.replace(/[^A-Za-z0-9@._\- ]/g, "").trimEnd();
  return { line: [type, encoded, plain].filter((word) => word !== "").join(" "), type };
}

// The wire form of a key is a row of strings, each with its length before it.
function fieldsOf(blob: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const out: Uint8Array[] = [];
  for (let at = 0; at < blob.length;) {
    if (blob.length - at < 4 || out.length === 8) return undefined;
    const length = view.getUint32(at);
    at += 4;
    if (length > blob.length - at) return undefined;
    out.push(blob.subarray(at, at + length));
    at += length;
  }
  return out;
}

function matches(
  type: string,
  known: { curve?: string; fields: number; bytes: number },
  fields: Uint8Array[],
): boolean {
  const textOf = (index: number) => new TextDecoder().decode(fields[index]);
  if (fields.length !== known.fields || textOf(0) !== type) return false;
  if (known.bytes === 0) return (fields[1]?.length ?? 0) > 0 && isModulus(fields[2]);
  if (known.curve !== undefined && textOf(1) !== known.curve) return false;
  return fields[known.curve === undefined ? 1 : 2]?.length === known.bytes;
}

// 2048 to 8192 bits; the first byte is a zero where the highest bit of the next is set.
function isModulus(field: Uint8Array | undefined): boolean {
  const number = field?.[0] === 0 ? field.subarray(1) : field;
  if (!number) return false;
  return number.length >= 256 && number.length <= 1024 && ((number[0] ?? 0) & 0x80) !== 0;
}

// "SHA256:…", as ssh-keygen -l prints it and as a quote's terms name the key.
export async function fingerprint(line: string): Promise<string> {
  const blob = decodeBase64(line.split(/ +/)[1] ?? "");
  if (!blob || blob.length === 0) return "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", blob));
  return `SHA256:${encodeBase64(digest).replace(/=+$/, "")}`;
}
