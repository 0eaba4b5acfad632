import { describe, expect, it } from "vitest";
import de from "./de.json";
import en from "./en.json";
import { knownKinds, saidOf, saidOfMessage, type Said } from "./said.ts";

const FREE =
  " You pay nothing but network fees. Your money comes back by itself in 42 s; " +
  "cancel to have it now.";
// Every note(kind, message) and say(kind, message) of src/core/lease/step*.cpp, in each of its
// forms, and the two kinds that src/apps/market/engine/lease_engine_asks.cpp makes of a host's
// words. Quoted words are what another one said.
const NOTES: readonly (readonly [kind: string, message: string, name: string, quote?: string])[] = [
  ["open_seen", "Payment seen. The host makes your machine.", "open_seen"],
  ["open_confirmed", "Paid. Your machine is being checked.", "open_confirmed"],
  [
    "open_vanished",
    "The payment is not on the chain any more: the network dropped it, or it was cancelled. " +
      "Nothing is held. Send it again.",
    "open_vanished",
  ],
  ["host_starting", "The host is making your machine.", "host_starting"],
  ["host_running", "The machine runs.", "host_running"],
  ["host_open", "You may log in.", "host_open"],
  ["host_failed", "The host reports: no room. Sorry.", "host_failed", "no room. Sorry."],
  ["host_key_changed", "The host named another host key. It is not trusted.", "host_key_changed"],
  [
    "host_dark",
    "The host went dark (no answer (5 s)). It is stopped at its last proof; the rest comes back.",
    "host_dark",
    "no answer (5 s)",
  ],
  ["login_worked", "It is as quoted. The meter starts next.", "login_worked"],
  [
    "login_failed",
    "The watch's login failed: timed out. It tries again.",
    "login_failed",
    "timed out",
  ],
  ["check_failed", "it shows another card", "check_failed", "it shows another card"],
  ["ready_confirmed", "Ready. The meter runs.", "ready_confirmed"],
  ["ready_failed", "`ready` did not land: expired", "ready_failed", "expired"],
  ["not_ready", `Not ready in 60 s.${FREE}`, "not_ready.late"],
  ["not_ready", `The host could not make it: no image${FREE}`, "not_ready.host", "no image"],
  [
    "not_ready",
    `The machine is not what was quoted: no card.${FREE}`,
    "not_ready.check",
    "no card",
  ],
  [
    "refused",
    "The lease on chain is not the one that was quoted: terms_hash differs. It is not served. " +
      "Cancel it to have your money back now; else it comes back after its deadline.",
    "refused",
  ],
  ["attested", "Served until now: proven to both sides.", "attested"],
  ["extended", "Extended to 2 h 05 min in all.", "extended"],
  ["stop_asked", "The stop is on its way.", "stop_asked"],
  [
    "stop_not_landed",
    "The stop did not land. The lease runs on. Stop it again.",
    "stop_not_landed",
  ],
  [
    "dark_refused",
    "It is not stopped: The machine answered. The lease runs on.",
    "dark_refused",
    "The machine answered.",
  ],
  ["end_reached", "The time you bought is over. The lease is being settled.", "end_reached"],
  [
    "contested",
    "Stopped. The last 34 s are not proven. What was not used is back already; the rest is " +
      "settled within 6 h 00 min.",
    "contested",
  ],
  ["closed", "Stopped. The amounts are being read from the chain.", "closed"],
  ["ended", "Stopped. You used 10 min: 0.0061 SOL. 0.0086 SOL returned.", "ended.used"],
  ["ended", "Stopped. You used 1 d 02 h: 12 SOL. 0 SOL returned.", "ended.used"],
  ["ended", "Not ready in 60 s. 0.0312 SOL is back.", "ended.back"],
  [
    "ended",
    "Stopped. You used 9 s: an amount the chain did not tell. 0.1 SOL returned.",
    "ended.untold",
  ],
  ["fork_lost", "The network took back what had ended it. It runs on.", "fork_lost.runs"],
  [
    "fork_lost",
    "The network took back `ready`. The meter stands still until it is there again.",
    "fork_lost.ready",
  ],
  [
    "fork_lost",
    "The network took back its end. What was said of the amounts does not hold.",
    "fork_lost.end",
  ],
  ["never_paid", "Nobody paid this quote in time. Nothing was charged for it.", "never_paid"],
  ["given_up", "The quote was given up. Nothing was charged for it.", "given_up"],
  ["trouble", "The host says: The disk is nearly full.", "trouble", "The disk is nearly full."],
  ["idle", "The host says: It is at work again.", "idle", "It is at work again."],
];
const places = (text: string) => (text.match(/\{[a-z_]+\}/g) ?? []).sort();
const given = (said: Said | undefined) =>
  Object.keys(said?.values ?? {})
    .map((one) => `{${one}}`)
    .sort();

describe("an event", () => {
  it("is told in the page's words, with what it tells of", () => {
    for (const [kind, message, name, quote] of NOTES) {
      const said = saidOf(kind, message);
      expect([said?.name, said?.quote], message).toEqual([name, quote]);
      expect(said?.by === undefined, message).toBe(quote === undefined);
      expect(given(said), message).toEqual(places(en[name as keyof typeof en]));
    }
    expect(saidOf("extended", "Extended to 2 h 05 min in all.")?.values).toEqual({
      time: "2 h 05 min",
    });
    expect(saidOf("contested", NOTES.find(([kind]) => kind === "contested")![1])?.values).toEqual({
      gap: "34 s",
      window: "6 h 00 min",
    });
  });
  it("has words in both languages, whatever its kind and form", () => {
    expect([...new Set(NOTES.map(([kind]) => kind))].sort()).toEqual([...knownKinds].sort());
    const told = new Set(NOTES.map(([, , name]) => name));
    for (const name of told) {
      expect(en[name as keyof typeof en], name).toBeTruthy();
      expect(de[name as keyof typeof de], name).toBeTruthy();
    }
    const others = /^(by|message)\./;
    expect(Object.keys(en).filter((name) => !others.test(name) && !told.has(name))).toEqual([]);
  });
  it("that is not known is left as it was said", () => {
    expect(saidOf("moved", "It has another gateway now.")).toBeUndefined();
    expect(saidOf("constructor", "x")).toBeUndefined();
    expect(saidOf("extended", "Extended by <b>much</b>.")).toBeUndefined();
    expect(saidOf("ended", "It came to nothing.")).toBeUndefined();
    // One that says one thing says it in whatever words.
    expect(saidOf("host_open", "Come in.")).toEqual({ name: "host_open", values: {} });
  });
});

describe("a lease's own message", () => {
  it("is told without a kind", () => {
    const name = (message: string) => {
      const said = saidOfMessage(message);
      return typeof said === "object" ? said.name : said;
    };
    expect(name("Quoted. Nothing is paid yet.")).toBe("message.quoted");
    for (const [kind, message, wanted] of NOTES)
      if (!["check_failed", "trouble", "idle"].includes(kind)) expect(name(message)).toBe(wanted);
    expect(name("Something else.")).toBeUndefined();
  });
  it("that says no more than the state is left out", () => {
    for (const words of ["", "Paid.", "It runs.", "It is over."])
      expect(saidOfMessage(words)).toBe("state");
  });
});
