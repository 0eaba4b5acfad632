import { expect, test } from "vitest";
import { decodeBase64 } from "./base64.ts";
import { fileName, fileOf, makeKey, privateFile, publicLine } from "./openssh.ts";
import { checkKey, fingerprint } from "./sshkey.ts";

const seed = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
// The public key of that seed, by OpenSSL.
const publicKey = Uint8Array.from(
  "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664".match(/../g) ?? [],
  (byte) => parseInt(byte, 16),
);
const LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk";

test("a public line is as ssh-keygen writes it", () => {
  expect(publicLine(publicKey)).toBe(`${LINE} obelisk`);
});

test("a private file has OpenSSH's parts in OpenSSH's order", () => {
  const lines = privateFile(seed, publicKey, 0x01020304).trimEnd().split("\n");
  expect(lines[0]).toBe("-----BEGIN OPENSSH PRIVATE KEY-----");
  expect(lines.at(-1)).toBe("-----END OPENSSH PRIVATE KEY-----");
  expect(lines.slice(1, -1).every((line) => line.length <= 70)).toBe(true);
  const bytes = decodeBase64(lines.slice(1, -1).join("")) ?? new Uint8Array();
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const field = (part: string) => (part.length / 2).toString(16).padStart(8, "0") + part;
  const word = (text: string) =>
    field(Array.from(text, (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join(""));
  const hexOf = (some: Uint8Array) =>
    Array.from(some, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const blob = word("ssh-ed25519") + field(hexOf(publicKey));
  const secret =
    "0102030401020304" + blob + field(hexOf(seed) + hexOf(publicKey)) + word("obelisk") + "01";
  const padded = secret + "020304050607".slice(0, (16 - (secret.length % 16)) % 16);
  expect((padded.length / 2) % 8).toBe(0);
  const magic = word("openssh-key-v1\0").slice(8);
  expect(hex).toBe(
    magic + word("none") + word("none") + word("") + "00000001" + field(blob) + field(padded),
  );
});

test("a key that was made here is one that the page takes", async () => {
  const made = await makeKey();
  expect(made && checkKey(made.line)).toEqual({ line: made?.line, type: "ssh-ed25519" });
  expect(checkKey(made?.file ?? "")).toEqual({ fault: "private" });
});

test("a line is taken as the market takes it", () => {
  expect(checkKey(`${LINE} me@home\n`)).toEqual({ line: `${LINE} me@home`, type: "ssh-ed25519" });
  expect(checkKey(`  ${LINE}   me  <b>\u0020\r\n`)).toEqual({
    line: `${LINE} me b`,
    type: "ssh-ed25519",
  });
  expect(checkKey(LINE)).toEqual({ line: LINE, type: "ssh-ed25519" });
});

test("what is no public line is refused with its reason", () => {
  const pem = (what: string) => `-----BEGIN ${what}-----\nabc\n-----END ${what}-----`;
  expect(checkKey(pem("OPENSSH PRIVATE KEY"))).toEqual({ fault: "private" });
  expect(checkKey(pem("RSA PRIVATE KEY"))).toEqual({ fault: "private" });
  expect(checkKey("PuTTY-User-Key-File-3: ssh-ed25519")).toEqual({ fault: "private" });
  expect(checkKey("")).toEqual({ fault: "type" });
  expect(checkKey('command="x" ssh-ed25519 AAAA')).toEqual({ fault: "type" });
  expect(checkKey("constructor AAAA")).toEqual({ fault: "type" });
  expect(checkKey(`${LINE}\n${LINE}`)).toEqual({ fault: "lines" });
  expect(checkKey(`${LINE} \u202eevil`)).toEqual({ fault: "lines" });
  expect(checkKey(`${LINE} ${"x".repeat(1_024)}`)).toEqual({ fault: "long" });
  expect(checkKey(LINE.slice(0, -4))).toEqual({ fault: "damaged" });
  expect(checkKey("ssh-ed25519 ????")).toEqual({ fault: "damaged" });
  expect(checkKey(LINE.replace("ssh-ed25519", "ssh-rsa"))).toEqual({ fault: "damaged" });
});

test("the fingerprint is the one that ssh-keygen -l prints", async () => {
  expect(await fingerprint(`${LINE} me`)).toBe(
    "SHA256:eVkCKHnc5RjanBduU2vmOecbFl3M9wOgHdk24INJytY",
  );
});

test("a made key's file has a name of its own, and is named for that key alone", async () => {
  const name = fileName(await fingerprint(LINE));
  expect(name).toBe("obelisk_ed25519_eVkCKH");
  expect(fileName("SHA256:a+b/c-d1e2f3")).toBe("obelisk_ed25519_abcd1e");
  const made = { line: `${LINE} obelisk`, name };
  expect(fileOf(made, `${LINE} obelisk`)).toBe(name);
  expect(fileOf(made, LINE.replace("HixEu", "HixEv"))).toBe(undefined);
  expect(fileOf(made, "")).toBe(undefined);
  expect(fileOf(undefined, "")).toBe(undefined);
});
