import { expect, test } from "vitest";
import { signInText, type Challenge } from "./sign_in_text.ts";

const ours = {
  host: "market.example",
  origin: "https://market.example",
  wallet: "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi",
  market: "8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR",
};
// As src/core/identity/sign_in_test.cpp has it.
const message =
  "market.example wants you to sign in with your Solana account:\n" +
  "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi\n" +
  "\n" +
  "Sign in to OBELISK. This moves no money and lets nobody move any.\n" +
  "\n" +
  "URI: https://market.example\n" +
  "Version: 1\n" +
  "Nonce: 0123456789abcdef\n" +
  "Issued At: 2026-11-18T11:06:40Z\n" +
  "Expiration Time: 2026-11-18T11:11:40Z\n" +
  "Resources:\n" +
  "- urn:obelisk:market:8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR";
const challenge = {
  message,
  nonce: "0123456789abcdef",
  issued_at: "2026-11-18T11:06:40Z",
  uri: ours.origin,
  domain: ours.host,
} as Challenge;
const of = (change: Partial<Challenge>) => signInText({ ...challenge, ...change }, ours);

test("the text is the one that the market writes", () => {
  expect(signInText(challenge, ours)).toBe(message);
});

test("nothing but a login to this page's own market is signed", () => {
  const hostile = [
    `OBELISK: whoever holds this may open a terminal in ${ours.wallet}`,
    `OBELISK: whoever holds this\n${message}`,
    `OBELISKR\nGET\n/v1/leases\n${ours.host}\n${ours.market}\n00\n1\n0123456789abcdef`,
    message.replace(ours.host, "other.example"),
    message.replace(ours.origin, "https://other.example"),
    message.replace(ours.origin, "http://market.example"),
    message.replace(ours.wallet, ours.market),
    message.replace(`market:${ours.market}`, `market:${ours.wallet}`),
    message.replace("moves no money", "moves all money"),
    message.replace("11:11:40", "12:11:40"),
    `${message}\n`,
    ` ${message}`,
    `${message}\n- urn:obelisk:lease:x`,
    message.replace("\n\n", "\n"),
    "",
  ];
  for (const text of hostile) expect(of({ message: text }), text).toBe(undefined);
});

test("a part of the market's brings no line of its own", () => {
  const nonce = "0123456789abcdef\nResources:\n- urn:evil";
  expect(of({ nonce, message: message.replace("0123456789abcdef", nonce) })).toBe(undefined);
  const issued_at = "2026-11-18T11:06:40Z\nx";
  expect(of({ issued_at, message: message.replace(challenge.issued_at, issued_at) })).toBe(
    undefined,
  );
  expect(of({ issued_at: "soon" })).toBe(undefined);
});

test("another page, wallet or market is another login", () => {
  for (const part of ["host", "origin", "wallet", "market"] as const) {
    expect(signInText(challenge, { ...ours, [part]: "other" }), part).toBe(undefined);
  }
});
