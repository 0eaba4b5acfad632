// Generated from program/description.json by tools/codegen/program.py: change those.
// The program's addresses, accounts and events, as objects.
import {
  fixDecoderSize, getAddressDecoder, getAddressEncoder, getBase64Encoder, getBytesDecoder,
  getI64Decoder, getProgramDerivedAddress, getStructDecoder, getU16Decoder, getU32Decoder,
  getU64Decoder, getU64Encoder, getU8Decoder,
} from "#kit";
import { EVENT_SIZE, LEASE_SIZE, MARKET_SIZE, STATE, TAG } from "./protocol.mjs";

const addressBytes = (address) => getAddressEncoder().encode(address);
const u64Bytes = (value) => getU64Encoder().encode(value);

// [address, bump]
export const findMarket = (
  program, operator,
) => getProgramDerivedAddress({
  programAddress: program, seeds: ["market", addressBytes(operator)],
});
export const findLease = (
  program, renter, nonce,
) => getProgramDerivedAddress({
  programAddress: program, seeds: ["lease", addressBytes(renter), u64Bytes(nonce)],
});

function expect(condition, what) {
  if (!condition) throw new Error(`not ${what} of this program`);
}

export const getMarketDecoder = () => getStructDecoder([
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
export function decodeMarket(data) {
  expect(data.length === MARKET_SIZE && data[0] === 1 && data[1] === 1, "a market");
  return getMarketDecoder().decode(data);
}

export const getLeaseDecoder = () => getStructDecoder([
  ["kind", getU8Decoder()],
  ["version", getU8Decoder()],
  ["bump", getU8Decoder()],
  ["state", getU8Decoder()],
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
export function decodeLease(data) {
  expect(data.length === LEASE_SIZE && data[0] === 2 && data[1] === 1, "a lease");
  expect(data[3] >= STATE.funded && data[3] <= STATE.closing, "an open lease");
  return getLeaseDecoder().decode(data);
}

const EVENT_MAGIC = [79, 66, 75, 49]; // "OBK1"

export const getEventDecoder = () => getStructDecoder([
  ["tag", getU8Decoder()],
  ["state", getU8Decoder()],
  ["zero", getU16Decoder()],
  ["lease", getAddressDecoder()],
  ["toHost", getU64Decoder()],
  ["toTreasury", getU64Decoder()],
  ["toRenter", getU64Decoder()],
  ["provenUntil", getI64Decoder()],
  ["stoppedAt", getI64Decoder()],
]);

export function decodeEvent(data) {
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
export function eventsOf(logs, program) {
  const running = [];
  const events = [];
  for (const line of logs) {
    const invoked = /^Program (\w+) invoke \[\d+\]$/.exec(line);
    if (invoked) running.push(invoked[1]);
    else if (/^Program \w+ (success|failed)/.test(line)) running.pop();
    else if (line.startsWith("Program data: ") && running.at(-1) === program) {
      events.push(decodeEvent(getBase64Encoder().encode(line.slice(14))));
    }
  }
  return events;
}
