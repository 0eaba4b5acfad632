// A receipt's transactions as a table shows them. Pure.
import type { Schemas } from "../../lib/api.ts";

export type ReceiptFile = Schemas["ReceiptFile"];
type Step = Schemas["ReceiptStep"];
type StopStep = "stop.0" | "stop.1" | "stop.2" | "stop.3";
export type StepName = Step["what"] | StopStep;

export interface Row {
  signature: string;
  slot: number;
  atS: number | undefined;
  networkFee: bigint;
  steps: readonly StepName[]; // none: it failed, or only sent something to the address
  paidIn: bigint;
  toHost: bigint;
  toMarket: bigint;
  toRenter: bigint;
  mark: "open" | "ready" | "stop" | undefined; // which of the three of a whole lease it is
}

const sum = (steps: readonly Step[], amount: (step: Step) => string) =>
  steps.reduce((all, step) => all + BigInt(amount(step)), 0n);

// How a lease is stopped is half of what it says.
function nameOf({ what, how }: Step): StepName {
  return what === "stop" && how !== null && how >= 0 && how <= 3
    ? (`stop.${how}` as StopStep)
    : what;
}

function markOf(steps: readonly Step[]): Row["mark"] {
  if (steps.some(({ state }) => state === "closed")) return "stop";
  if (steps.some(({ what }) => what === "open")) return "open";
  return steps.some(({ what }) => what === "ready") ? "ready" : undefined;
}

// Throws where an amount is none.
export function rowsOf({ transactions }: ReceiptFile): Row[] {
  return transactions.map(({ signature, slot, at_s, network_fee_lamports, steps }) => ({
    signature,
    slot,
    atS: at_s ?? undefined,
    networkFee: BigInt(network_fee_lamports),
    steps: steps.map(nameOf),
    paidIn: sum(steps, (step) => step.paid_in_lamports),
    toHost: sum(steps, (step) => step.host_lamports),
    toMarket: sum(steps, (step) => step.fee_lamports),
    toRenter: sum(steps, (step) => step.renter_lamports),
    mark: markOf(steps),
  }));
}

// It is part of a command that somebody puts into a shell: letters of addresses alone.
const lettersOf = (lease: string) => lease.replace(/[^1-9A-HJ-NP-Za-km-z]/g, "").slice(0, 44);
export const receiptName = (lease: string): string =>
  `receipt-${lettersOf(lease).slice(0, 8)}.json`;
export const verifyCommand = (lease: string): string =>
  `obelisk receipt --verify ${receiptName(lease)}`;
export const saveCommand = (lease: string): string =>
  `obelisk receipt ${lettersOf(lease)} --save ${receiptName(lease)}`;
