import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LeaseList } from "./lease_list.svelte.ts";

vi.mock("../../wallet/wallet.svelte.ts", () => ({ forgetToken: () => {} }));

interface Asked {
  path: string;
  token: string | undefined;
  answer: (leases: string[], next?: string) => void;
}
let asked: Asked[] = [];
beforeEach(() => {
  asked = [];
  vi.useFakeTimers();
  vi.stubGlobal(
    "fetch",
    (path: string, { headers }: { headers: Record<string, string> }) =>
      new Promise((done) => {
        const answer = (names: string[], next?: string) =>
          done(Response.json({ leases: names.map((lease) => ({ lease })), next }));
        asked.push({ path, token: headers["Authorization"], answer });
      }),
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const soon = () => vi.advanceTimersByTimeAsync(0);
const shown = (list: LeaseList) => list.all.map((one) => one.lease);

it("shows nothing of the wallet before", async () => {
  const list = new LeaseList();
  const end = list.start("first");
  asked[0]?.answer(["A"], "a");
  await soon();
  void list.askOlder();
  asked[1]?.answer(["B"]);
  await soon();
  expect(shown(list)).toEqual(["A", "B"]);
  await vi.advanceTimersByTimeAsync(10_000); // one more is on its way
  end();
  const endSecond = list.start("second");
  expect(shown(list)).toEqual([]);
  expect(list.isKnown).toBe(false);
  asked[2]?.answer(["A", "late"]);
  await soon();
  expect(shown(list)).toEqual([]);
  expect(asked[3]?.token).toBe("Bearer second");
  asked[3]?.answer(["C"]);
  await soon();
  expect(shown(list)).toEqual(["C"]);
  expect(list.next).toBeUndefined();
  endSecond();
});

it("asks for older ones once at a time, and keeps them", async () => {
  const list = new LeaseList();
  const end = list.start("token");
  asked[0]?.answer(["B"], "b");
  await soon();
  void list.askOlder();
  void list.askOlder();
  expect(list.isAskingOlder).toBe(true);
  expect(asked).toHaveLength(2);
  expect(asked[1]?.path).toBe("/v1/leases?limit=50&cursor=b");
  asked[1]?.answer(["A"], "a");
  await soon();
  expect(list.isAskingOlder).toBe(false);
  await vi.advanceTimersByTimeAsync(10_000);
  asked[2]?.answer(["C", "B", "A"], "other");
  await soon();
  expect(shown(list)).toEqual(["C", "B", "A"]);
  expect(list.next).toBe("a");
  end();
});
