// The whole way from the click on, against a market and a wallet that behave in every other way.
import { cancel, claim, ed25519, stop as stopCall } from "@obelisk/client";
import {
  getBase64Encoder,
  getTransactionDecoder,
  getTransactionEncoder,
  type SignatureBytes,
} from "@solana/kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Lease, MarketInfo, Problem } from "../lib/api.ts";
import { concedeLease, stopLease } from "./change_lease.ts";
import { checkStop } from "./check_stop.ts";
import { payQuote } from "./pay.ts";
import { keyOf, makeQuote, setUnits, transactionOf, type Signer } from "./testing.ts";

const wallet = vi.hoisted(() => ({ sign: (wire: Uint8Array) => Promise.resolve(wire), asked: 0 }));
vi.mock("../wallet/wallet.svelte.ts", () => ({
  signTransaction: (wire: Uint8Array) => {
    ++wallet.asked;
    return wallet.sign(wire);
  },
}));
let info: MarketInfo;
vi.mock("../lib/market.svelte.ts", () => ({ askMarket: () => Promise.resolve(info) }));

const soon = setTimeout;
type Answer = () => Response | Promise<Response>;
let made: Awaited<ReturnType<typeof makeQuote>>;
let quotes: Answer[]; // the last one stays
let sends: Answer[];
let lease: Answer;
let stop: Answer;
let stopBody: unknown;
let sent: number;
let signings: number;

const say = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });
const no = (code: string, status: number) => () => say({ code, detail: code }, status);
const taken = () => say({ signature: "s" }, 202);
const silent = () => Promise.reject(new TypeError("network"));
const inState = (state: string) => () => say({ state, outcome: "none" });
const next = (list: Answer[]) => (list.length > 1 ? list.shift() : list[0]) ?? silent;

function signedBy(signer: Signer) {
  return async (wire: Uint8Array) => {
    const transaction = getTransactionDecoder().decode(wire);
    const signature = await signer.sign(new Uint8Array(transaction.messageBytes));
    const signatures = { [signer.address]: signature as SignatureBytes };
    return new Uint8Array(getTransactionEncoder().encode({ ...transaction, signatures }));
  };
}

beforeEach(async () => {
  made = await makeQuote();
  info = made.market;
  wallet.sign = signedBy(made.renter);
  wallet.asked = sent = signings = 0;
  quotes = [() => say(made.quote)];
  sends = [taken];
  lease = inState("quoted");
  stop = silent;
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  vi.stubGlobal("fetch", async (path: string, request?: RequestInit) => {
    if (path === "/v1/market") return say(made.market);
    if (path.startsWith("/v1/quotes/")) return next(quotes)();
    if (path.endsWith("/stop")) {
      stopBody = JSON.parse(String(request?.body));
      return stop();
    }
    if (path.startsWith("/v1/leases/")) return lease();
    ++sent;
    return next(sends)();
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function pay() {
  const way = { onStage: () => {}, onSigned: () => void ++signings };
  const paid = payQuote(made.asked, way).then(String, (error: unknown) => {
    const { code, check } = error as { code?: string; check?: string };
    return code ?? check;
  });
  let isDone = false;
  void paid.finally(() => (isDone = true));
  while (!isDone) {
    await new Promise((done) => soon(done, 0)); // signatures take real time
    await vi.advanceTimersByTimeAsync(500);
  }
  return paid;
}

test("one quote is asked for, signed and sent once", async () => {
  expect(await pay()).toBe("true");
  expect([wallet.asked, signings, sent]).toEqual([1, 1, 1]);
});

test("another valid quote under the shown number is signed in no turn", async () => {
  const bend = (terms: Record<string, unknown>) => void (terms["nonce"] = "2");
  const other = await makeQuote(bend, made);
  quotes = [() => say(other.quote)];
  expect(await pay()).toBe("asked");
  expect(wallet.asked).toBe(0);
  quotes = [() => say(made.quote), () => say(other.quote)];
  sends = [no("expired", 410)];
  expect(await pay()).toBe("asked");
  expect(wallet.asked).toBe(1);
});

test("a blockhash that ended asks the wallet once more", async () => {
  sends = [no("expired", 410), taken];
  expect(await pay()).toBe("true");
  expect([wallet.asked, sent]).toEqual([2, 2]);
});

test("what may have landed is no failure", async () => {
  const cut = () => new Response("{", { status: 202 });
  const fault = () => say({ code: "internal" }, 500);
  const proxy = () => new Response("<html>", { status: 403 });
  for (const answer of [silent, cut, fault, proxy]) {
    sends = [answer];
    expect(await pay()).toBe("false");
  }
  // A refusal after a silence proves nothing either: the first one may have emptied the wallet.
  sends = [silent, no("insufficient_funds", 402)];
  expect(await pay()).toBe("false");
});

test("what the market refused was not sent", async () => {
  sends = [no("insufficient_funds", 402)];
  expect(await pay()).toBe("insufficient_funds");
  sends = [no("rate_limited", 429)];
  expect(await pay()).toBe("rate_limited");
});

test("an end after a silence looks at the lease before it asks the wallet", async () => {
  sends = [silent, no("expired", 410)];
  lease = inState("preparing");
  expect(await pay()).toBe("false");
  expect(wallet.asked).toBe(1);
  wallet.asked = 0;
  sends = [silent, no("expired", 410), taken];
  lease = silent;
  expect(await pay()).toBe("false");
  expect(wallet.asked).toBe(1);
});

test("a quote that is paid leads to its lease", async () => {
  quotes = [no("conflict", 409)];
  lease = inState("active");
  expect(await pay()).toBe("false");
  lease = inState("quoted");
  expect(await pay()).toBe("conflict");
  expect(wallet.asked).toBe(0);
  // The program refuses to open it twice.
  quotes = [() => say(made.quote)];
  sends = [no("rejected_on_chain", 422)];
  expect(await pay()).toBe("rejected_on_chain");
  lease = inState("preparing");
  expect(await pay()).toBe("false");
});

test("the way out is signed as the machine's own page signs it", async () => {
  const { program, lease: address, host } = made.open;
  const renter = made.renter.address;
  const one = { lease: address, renter, host } as unknown as Lease;
  const call = cancel({ program, lease: address, renter, renterSigns: true });
  const offer = (...calls: Parameters<typeof transactionOf>[1]) => {
    const transaction = transactionOf(renter, calls);
    stop = () => say({ transaction });
  };
  offer(setUnits(600), call);
  await stopLease(one, "cancel");
  expect([wallet.asked, sent]).toEqual([1, 1]);
  // A fee that would empty the wallet.
  const dear = { ...setUnits(0), data: Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 1, 0) };
  offer(dear, call);
  await expect(stopLease(one, "cancel")).rejects.toThrow("50 000 lamports");
  offer(cancel({ program, lease: keyOf(5), renter, renterSigns: true }));
  await expect(stopLease(one, "cancel")).rejects.toThrow("just end this lease");
  expect(wallet.asked).toBe(1);
  // What came back is looked at as well.
  offer(call);
  wallet.sign = (wire) => Promise.resolve(wire);
  await expect(stopLease(one, "cancel")).rejects.toThrow("wallet-signature");
  const other = getBase64Encoder().encode(transactionOf(renter, [setUnits(1)]));
  wallet.sign = () => signedBy(made.renter)(new Uint8Array(other));
  await expect(stopLease(one, "cancel")).rejects.toThrow("wallet-changed");
  expect(sent).toBe(1);
});

test("a dispute is conceded by a stop that says served, and by nothing else", async () => {
  const { program } = made.open;
  const treasury = keyOf(7);
  const renter = made.renter.address;
  const one = { lease: keyOf(4), host: keyOf(3), renter, state: "contested" } as unknown as Lease;
  const parties = { program, lease: keyOf(4), renter, host: keyOf(3), treasury };
  const offer = (...calls: Parameters<typeof transactionOf>[1][number][]) => {
    stop = () => say({ transaction: transactionOf(renter, [setUnits(800), ...calls]) });
  };
  offer(stopCall({ ...parties, how: 0 }));
  expect(await concedeLease(one)).toBe(true);
  expect([stopBody, wallet.asked, sent]).toEqual([{ concede: true }, 1, 1]);
  // With fresh proof before it, and by a market that does not know what was asked.
  const proof = { signer: keyOf(9), signature: new Uint8Array(64), message: new Uint8Array(88) };
  offer(ed25519(proof), claim(parties), stopCall({ ...parties, how: 1 }));
  let signed = new Uint8Array();
  const sign = wallet.sign;
  wallet.sign = (wire) => sign((signed = new Uint8Array(wire)));
  await concedeLease(one);
  expect(checkStop(signed, { program, lease: keyOf(4), renter, host: keyOf(3) })).toBe("served");
  for (const call of [
    stopCall({ ...parties, how: 0, host: keyOf(8) }),
    stopCall({ ...parties, how: 0, lease: keyOf(8) }),
  ]) {
    offer(call);
    const refused = await concedeLease(one).catch((error: unknown) => error);
    expect((refused as Problem).message).toContain("just end the dispute");
    expect((refused as Problem).action).toContain("obelisk escrow stop LEASE --how 0");
  }
  offer(cancel({ ...parties, renterSigns: true }));
  await expect(concedeLease(one)).rejects.toThrow("moment");
  expect([wallet.asked, sent]).toEqual([2, 2]);
  // An ordinary stop asks for none of it.
  offer(stopCall({ ...parties, how: 0 }));
  await stopLease(one, "served");
  expect(stopBody).toEqual({});
});
