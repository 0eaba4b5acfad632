// Generated from program/description.json by tools/codegen/program.py: change those.
// The program's addresses, accounts and events, as objects.
import {
  fixDecoderSize, getAddressDecoder, getAddressEncoder, getBase64Encoder, getBytesDecoder,
  getI64Decoder, getProgramDerivedAddress, getStructDecoder, getU16Decoder, getU32Decoder,
  getU64Decoder, getU64Encoder, getU8Decoder,
} from "#kit";
import type {
  Address, FixedSizeDecoder, ProgramDerivedAddress, ReadonlyUint8Array,
} from "@solana/kit";
import { EVENT_SIZE, LEASE_SIZE, MARKET_SIZE, STATE, TAG } from "./protocol.ts";
import type { State, Tag } from "./protocol.ts";

const addressBytes = (address: Address) => getAddressEncoder().encode(address);
const u64Bytes = (value: number | bigint) => getU64Encoder().encode(value);

// [address, bump]
export const findMarket = (
  program: Address, operator: Address,
): Promise<ProgramDerivedAddress> => getProgramDerivedAddress({
  programAddress: program, seeds: ["market", addressBytes(operator)],
});
export const findLease = (
  program: Address, renter: Address, nonce: number | bigint,
): Promise<ProgramDerivedAddress> => getProgramDerivedAddress({
  programAddress: program, seeds: ["lease", addressBytes(renter), u64Bytes(nonce)],
});

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`not ${what} of this program`);
}

// PDA ["market", operator].
export interface Market {
  readonly kind: number;  // 1
  readonly version: number;  // 1
  readonly bump: number;
  readonly paused: number;  // 0 or 1; stops `open` and nothing else
  readonly feeBps: number;  // 0 to 1,000
  readonly zeroA: number;
  readonly readyDeadlineS: number;  // 30 to 600
  readonly gapLimitS: number;  // 60 to 600
  readonly claimWindowS: number;  // 600 to 86,400
  readonly zeroB: number;
  readonly rev: bigint;  // 1 at first, one more with each update
  readonly operator: Address;
  readonly treasury: Address;
  readonly attestor: Address;
}

export const getMarketDecoder = (): FixedSizeDecoder<Market> => getStructDecoder([
  ["kind", getU8Decoder()],
  ["version", getU8Decoder()],
  ["bump", getU8Decoder()],
  ["paused", getU8Decoder()],
  ["feeBps", getU16Decoder()],
  ["zeroA", getU16Decoder()],
  ["readyDeadlineS", getU32Decoder()],
  ["gapLimitS", getU32Decoder()],
  ["claimWindowS", getU32Decoder()],
  ["zeroB", getU32Decoder()],
  ["rev", getU64Decoder()],
  ["operator", getAddressDecoder()],
  ["treasury", getAddressDecoder()],
  ["attestor", getAddressDecoder()],
]);

// Throws unless the bytes are a market of this version.
export function decodeMarket(data: ReadonlyUint8Array): Market {
  expect(data.length === MARKET_SIZE && data[0] === 1 && data[1] === 1, "a market");
  return getMarketDecoder().decode(data);
}

// PDA ["lease", renter, nonce]. Times are chain seconds; 0 where it has not happened yet.
export interface Lease {
  readonly kind: number;  // 2
  readonly version: number;  // 1
  readonly bump: number;
  readonly state: State;  // 1 FUNDED, 2 ACTIVE, 3 CLOSING
  readonly feeBps: number;  // this and the next three as the market had them at the opening
  readonly zeroA: number;
  readonly readyDeadlineS: number;
  readonly gapLimitS: number;
  readonly claimWindowS: number;
  readonly seconds: number;  // bought, counted from the start
  readonly maxSeconds: number;  // how far it may be extended
  readonly zeroB: number;
  readonly renter: Address;
  readonly host: Address;
  readonly market: Address;
  readonly treasury: Address;
  readonly attestor: Address;
  // SHA-256 of the quote's terms; the program does not read them
  readonly termsHash: ReadonlyUint8Array;
  readonly nonce: bigint;
  readonly openedSlot: bigint;  // tells two leases at one address apart
  readonly rate: bigint;  // lamports an hour
  readonly openedAt: bigint;  // chain seconds, as all times below; 0 where it has not happened
  readonly startedAt: bigint;
  readonly provenUntil: bigint;
  readonly stoppedAt: bigint;
  readonly windowEnds: bigint;
  readonly released: bigint;  // of what was earned, the part already split
}

export const getLeaseDecoder = (): FixedSizeDecoder<Lease> => getStructDecoder([
  ["kind", getU8Decoder()],
  ["version", getU8Decoder()],
  ["bump", getU8Decoder()],
  ["state", getU8Decoder() as FixedSizeDecoder<State, 1>],
  ["feeBps", getU16Decoder()],
  ["zeroA", getU16Decoder()],
  ["readyDeadlineS", getU32Decoder()],
  ["gapLimitS", getU32Decoder()],
  ["claimWindowS", getU32Decoder()],
  ["seconds", getU32Decoder()],
  ["maxSeconds", getU32Decoder()],
  ["zeroB", getU32Decoder()],
  ["renter", getAddressDecoder()],
  ["host", getAddressDecoder()],
  ["market", getAddressDecoder()],
  ["treasury", getAddressDecoder()],
  ["attestor", getAddressDecoder()],
  ["termsHash", fixDecoderSize(getBytesDecoder(), 32)],
  ["nonce", getU64Decoder()],
  ["openedSlot", getU64Decoder()],
  ["rate", getU64Decoder()],
  ["openedAt", getI64Decoder()],
  ["startedAt", getI64Decoder()],
  ["provenUntil", getI64Decoder()],
  ["stoppedAt", getI64Decoder()],
  ["windowEnds", getI64Decoder()],
  ["released", getU64Decoder()],
]);

// Throws unless the bytes are a lease of this version.
export function decodeLease(data: ReadonlyUint8Array): Lease {
  expect(data.length === LEASE_SIZE && data[0] === 2 && data[1] === 1, "a lease");
  expect(data[3]! >= STATE.funded && data[3]! <= STATE.closing, "an open lease");
  return getLeaseDecoder().decode(data);
}

export interface LeaseEvent {
  readonly tag: Tag;
  readonly state: State;  // after it, 0 closed
  readonly zero: number;
  readonly lease: Address;
  readonly toHost: bigint;
  readonly toTreasury: bigint;
  readonly toRenter: bigint;
  readonly provenUntil: bigint;
  readonly stoppedAt: bigint;
}

const EVENT_MAGIC = [79, 66, 75, 49]; // "OBK1"

export const getEventDecoder = (): FixedSizeDecoder<LeaseEvent> => getStructDecoder([
  ["tag", getU8Decoder() as FixedSizeDecoder<Tag, 1>],
  ["state", getU8Decoder() as FixedSizeDecoder<State, 1>],
  ["zero", getU16Decoder()],
  ["lease", getAddressDecoder()],
  ["toHost", getU64Decoder()],
  ["toTreasury", getU64Decoder()],
  ["toRenter", getU64Decoder()],
  ["provenUntil", getI64Decoder()],
  ["stoppedAt", getI64Decoder()],
]);

export function decodeEvent(data: ReadonlyUint8Array): LeaseEvent {
  const ours = data.length === EVENT_SIZE && EVENT_MAGIC.every((byte, i) => data[i] === byte);
  expect(ours, "an event");
  const event = getEventDecoder().decode(data, EVENT_MAGIC.length);
  const known = event.tag >= TAG.open && event.tag <= TAG.finish
    && event.state <= STATE.closing && event.zero === 0;
  expect(known, "an event");
  return event;
}

// The events in a transaction's logs. Only lines that `program` itself logged count: any other
// program may print the same bytes.
export function eventsOf(logs: readonly string[], program: Address): LeaseEvent[] {
  const running: string[] = [];
  const events: LeaseEvent[] = [];
  for (const line of logs) {
    const invoked = /^Program (\w+) invoke \[\d+\]$/.exec(line);
    if (invoked) running.push(invoked[1]!);
    else if (/^Program \w+ (success|failed)/.test(line)) running.pop();
    else if (line.startsWith("Program data: ") && running.at(-1) === program) {
      events.push(decodeEvent(getBase64Encoder().encode(line.slice(14))));
    }
  }
  return events;
}
