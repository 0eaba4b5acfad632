import { describe, expect, it } from "vitest";
import { Conversation } from "./conversation.ts";
import { readBegin, readEnd, resizeMessage, sizeOf } from "./messages.ts";
import frame from "../views/machines/TerminalFrame.svelte?raw";
import { isFrom, readOpen, SANDBOXED } from "./parent.ts";

const session = "0123456789abcdef";
const size = { columns: 120, rows: 40 };

describe("messages", () => {
  it("are canonical JSON, and sizes stay in their bounds", () => {
    expect(resizeMessage(size)).toBe('{"columns":120,"rows":40,"type":"resize"}');
    expect(sizeOf(0, 99999)).toEqual({ columns: 1, rows: 1000 });
    expect(sizeOf(NaN, 24.7)).toEqual({ columns: 1, rows: 24 });
  });
  it("are read as the host writes them", () => {
    const text =
      `{"is_new":false,"offset":"5123","replay_bytes":7,` +
      `"session":"${session}","type":"begin"}`;
    expect(readBegin(text)).toEqual({ session, offset: 5123n, isNew: false, replayBytes: 7 });
    expect(readEnd('{"exit_code":0,"type":"end","why":"The program has ended."}')).toEqual({
      exitCode: 0,
      code: "",
      why: "The program has ended.",
    });
    expect(readEnd('{"code":"conflict","type":"end","why":"taken\\u001b[2Jover"}')).toEqual({
      code: "conflict",
      why: "taken?[2Jover",
    });
  });
  it("that are anything else are none", () => {
    const begin = { is_new: true, offset: "0", replay_bytes: 0, session, type: "begin" };
    for (const bent of [
      { session: "x" },
      { session: `${session}0` },
      { offset: "-1" },
      { offset: 5 },
      { offset: "1".repeat(30) },
      { replay_bytes: -1 },
      { replay_bytes: 1e9 },
      { replay_bytes: 0.5 },
      { is_new: "true" },
      { type: "end" },
    ])
      expect(
        readBegin(JSON.stringify({ ...begin, ...bent })),
        JSON.stringify(bent),
      ).toBeUndefined();
    for (const text of ["", "null", "[]", "{", '"begin"', "1".repeat(70000)]) {
      expect(readBegin(text)).toBeUndefined();
      expect(readEnd(text)).toBeUndefined();
    }
    expect(readEnd('{"exit_code":256,"type":"end","why":""}')).toBeUndefined();
    expect(readEnd(`{"type":"end","why":"${"a".repeat(4000)}"}`)?.why).toHaveLength(500);
  });
});

describe("a session over its connections", () => {
  it("says where the last one ended", () => {
    const talk = new Conversation();
    expect(talk.query(size)).toBe("columns=120&rows=40&term=xterm-256color");
    talk.begin({ session, offset: 0n, isNew: true, replayBytes: 0 });
    talk.took(100);
    talk.took(23);
    expect(talk.query(size)).toContain(`&session=${session}&from=123`);
  });
  it("does not count what draws a fresh screen, and asks for all where half of it came", () => {
    const talk = new Conversation(session);
    expect(talk.query(size)).toContain(`&session=${session}&from=0`);
    talk.begin({ session, offset: 5000n, isNew: false, replayBytes: 30 });
    talk.took(20);
    expect(talk.query(size)).toContain("&from=0");
    talk.took(15);
    expect(talk.offset).toBe(5005n);
    expect(talk.query(size)).toContain("&from=5005");
  });
  it("tries again after ever longer pauses, at the next gateway", () => {
    const talk = new Conversation();
    expect(Array.from({ length: 8 }, () => talk.lost())).toEqual([
      300, 1000, 2000, 4000, 8000, 15000, 30000, 30000,
    ]);
    talk.begin({ session, offset: 0n, isNew: true, replayBytes: 0 });
    expect(talk.lost()).toBe(300);
    expect([1, 2, 3].map(() => talk.next(["a", "b"]))).toEqual(["a", "b", "a"]);
    expect(talk.next([])).toBeUndefined();
  });
  it("takes no session that is none", () => {
    expect(new Conversation("<script>").session).toBe("");
  });
});

describe("what page and terminal say to each other", () => {
  const open = { type: "open", ways: ["wss://a"], pass: "AQ-_", session: "", label: "Terminal" };
  it("is taken from each other alone", () => {
    const other = {};
    expect(isFrom({ origin: "https://a", source: other }, "https://a", other)).toBe(true);
    expect(isFrom({ origin: "https://b", source: other }, "https://a", other)).toBe(false);
    expect(isFrom({ origin: "https://a", source: {} }, "https://a", other)).toBe(false);
    expect(isFrom({ origin: "https://a", source: null }, "https://a", null)).toBe(false);
  });
  it("is taken by the page from a sandboxed document alone, in a frame that sandboxes it", () => {
    const inside = {};
    expect(isFrom({ origin: "null", source: inside }, SANDBOXED, inside)).toBe(true);
    for (const origin of ["https://a", "", "about:blank", "http://127.0.0.1:8080"])
      expect(isFrom({ origin, source: inside }, SANDBOXED, inside), origin).toBe(false);
    expect(isFrom({ origin: "null", source: {} }, SANDBOXED, inside)).toBe(false);
    // More than scripts, its own origin above all, would hand it session and wallet.
    expect(frame.match(/ sandbox="[^"]*"/g)).toEqual([' sandbox="allow-scripts"']);
    expect(frame).not.toContain("location.origin");
  });
  it("is of its form, or nothing", () => {
    expect(readOpen(open)).toEqual(open);
    for (const bent of [
      { type: "x" },
      { ways: [] },
      { ways: ["https://a"] },
      { ways: "wss://a" },
      { pass: "a b" },
      { pass: "" },
      { session: "1".repeat(17) },
      { label: 1 },
    ])
      expect(readOpen({ ...open, ...bent }), JSON.stringify(bent)).toBeUndefined();
    for (const data of [null, undefined, 1, "open", []]) expect(readOpen(data)).toBeUndefined();
  });
});
