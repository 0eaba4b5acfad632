import { describe, expect, it } from "vitest";
import type { Schemas } from "../../lib/api.ts";
import en from "./en.json";
import {
  receiptName,
  rowsOf,
  saveCommand,
  verifyCommand,
  type ReceiptFile,
} from "./receipt_rows.ts";

type Step = Schemas["ReceiptStep"];
const step = (what: Step["what"], more: Partial<Step> = {}): Step => ({
  what,
  state: "active",
  how: null,
  paid_in_lamports: "0",
  host_lamports: "0",
  fee_lamports: "0",
  renter_lamports: "0",
  proven_until_s: 0,
  stopped_at_s: 0,
  ...more,
});
const file = (...transactions: readonly Step[][]) =>
  ({
    transactions: transactions.map((steps, i) => ({
      signature: `s${i}`,
      slot: 100 + i,
      at_s: i === 1 ? null : 1_000 + i,
      network_fee_lamports: "5000",
      steps,
    })),
  }) as unknown as ReceiptFile;

describe("a receipt's transactions", () => {
  it("are rows, with what each of them moved", () => {
    const rows = rowsOf(
      file(
        [step("open", { state: "funded", paid_in_lamports: "3665326" })],
        [step("ready")],
        [],
        [
          step("claim", { host_lamports: "100", fee_lamports: "2" }),
          step("stop", { how: 1, state: "closing", host_lamports: "7", renter_lamports: "500" }),
        ],
        [step("stop", { how: 0, state: "closed", host_lamports: "40", fee_lamports: "1" })],
      ),
    );
    expect(rows.map(({ steps, mark }) => [steps.join(), mark])).toEqual([
      ["open", "open"],
      ["ready", "ready"],
      ["", undefined],
      ["claim,stop.1", undefined],
      ["stop.0", "stop"],
    ]);
    expect(rows[0]).toMatchObject({ slot: 100, atS: 1_000, networkFee: 5_000n, paidIn: 3665326n });
    expect(rows[1]?.atS).toBeUndefined();
    expect(rows[3]).toMatchObject({ toHost: 107n, toMarket: 2n, toRenter: 500n });
  });
  it("that take back a lease are its close too", () => {
    const [all] = rowsOf(file([step("open"), step("cancel", { state: "closed" })]));
    expect([all?.steps, all?.mark]).toEqual([["open", "cancel"], "stop"]);
  });
  it("are refused where an amount is none", () => {
    expect(() => rowsOf(file([step("open", { paid_in_lamports: "much" })]))).toThrow();
  });
  it("have words for each step, and for a stop whoever says what", () => {
    const whats = ["open", "ready", "cancel", "extend", "claim", "stop", "finish"] as const;
    const steps = [...whats.map((what) => step(what)), ...[0, 1, 2, 3, 9].map(stopped)];
    for (const name of rowsOf(file(steps))[0]?.steps ?? [])
      expect(en, name).toHaveProperty([`receipt.step.${name}`]);
  });
  const stopped = (how: number) => step("stop", { how });
});

it("the commands hold letters of addresses alone", () => {
  const lease = "Cxz8d3mVqpGcS8mME1UYGqTgL8Hf6PNiyJpvogd1s7s2";
  expect(receiptName(lease)).toBe("receipt-Cxz8d3mV.json");
  expect(verifyCommand(lease)).toBe("obelisk receipt --verify receipt-Cxz8d3mV.json");
  expect(saveCommand(lease)).toBe(`obelisk receipt ${lease} --save receipt-Cxz8d3mV.json`);
  expect(verifyCommand("$(rm -rf /);x")).toBe("obelisk receipt --verify receipt-rmrfx.json");
});
