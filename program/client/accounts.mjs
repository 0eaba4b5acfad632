// The program's addresses, accounts and events, as objects.
import { Reader } from "./bytes.mjs";
import { kit } from "./deps.mjs";

const addressBytes = (address) => kit.getAddressEncoder().encode(address);
const u64Bytes = (value) => kit.getU64Encoder().encode(value);

// [address, bump]
export const findMarket = (program, operator) =>
  kit.getProgramDerivedAddress({
    programAddress: program, seeds: ["market", addressBytes(operator)],
  });
export const findLease = (program, renter, nonce) =>
  kit.getProgramDerivedAddress({
    programAddress: program, seeds: ["lease", addressBytes(renter), u64Bytes(nonce)],
  });

export const MARKET_SIZE = 128;
export const LEASE_SIZE = 296;
export const EVENT_SIZE = 80;

function expect(condition, what) {
  if (!condition) throw new Error(`not ${what} of this program`);
}

export function decodeMarket(data) {
  expect(data.length === MARKET_SIZE && data[0] === 1 && data[1] === 1, "a market");
  const r = new Reader(data);
  const market = {
    kind: r.u8(), version: r.u8(), bump: r.u8(), paused: r.u8(), feeBps: r.u16(), zeroA: r.u16(),
    readyDeadlineS: r.u32(), gapLimitS: r.u32(), claimWindowS: r.u32(), zeroB: r.u32(),
    rev: r.u64(), operator: r.address(), treasury: r.address(), attestor: r.address(),
  };
  return market;
}

export function decodeLease(data) {
  expect(data.length === LEASE_SIZE && data[0] === 2 && data[1] === 1, "a lease");
  const r = new Reader(data);
  return {
    kind: r.u8(), version: r.u8(), bump: r.u8(), state: r.u8(), feeBps: r.u16(), zeroA: r.u16(),
    readyDeadlineS: r.u32(), gapLimitS: r.u32(), claimWindowS: r.u32(), seconds: r.u32(),
    maxSeconds: r.u32(), zeroB: r.u32(), renter: r.address(), host: r.address(),
    market: r.address(), treasury: r.address(), attestor: r.address(), termsHash: r.raw(32),
    nonce: r.u64(), openedSlot: r.u64(), rate: r.u64(), openedAt: r.i64(), startedAt: r.i64(),
    provenUntil: r.i64(), stoppedAt: r.i64(), windowEnds: r.i64(), released: r.u64(),
  };
}

export function decodeEvent(data) {
  const magic = new TextDecoder().decode(data.subarray(0, 4));
  expect(data.length === EVENT_SIZE && magic === "OBK1", "an event");
  const r = new Reader(data.subarray(4));
  return {
    tag: r.u8(), state: r.u8(), zero: r.u16(), lease: r.address(), toHost: r.u64(),
    toTreasury: r.u64(), toRenter: r.u64(), provenUntil: r.i64(), stoppedAt: r.i64(),
  };
}

// The events in a transaction's logs. Only lines that `program` itself logged count: any other
// program may print the same bytes.
export function eventsOf(logs, program) {
  const running = [];
  const events = [];
  for (const line of logs) {
    const invoked = /^Program (\w+) invoke \[\d+\]$/.exec(line);
    if (invoked) running.push(invoked[1]);
    else if (/^Program \w+ (success|failed)/.test(line)) running.pop();
    else if (line.startsWith("Program data: ") && running.at(-1) === program) {
      events.push(decodeEvent(new Uint8Array(Buffer.from(line.slice(14), "base64"))));
    }
  }
  return events;
}
