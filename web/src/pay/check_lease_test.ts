// A stop and an extend as a market made them, and each of them bent.
import {
  address,
  appendTransactionMessageInstructions,
  compileTransaction,
  createTransactionMessage,
  getTransactionEncoder,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  type Address,
  type Blockhash,
  type Instruction,
} from "@solana/kit";
import * as client from "@obelisk/client";
import { describe, expect, it } from "vitest";
import { checkExtend } from "./check_extend.ts";
import { checkStop, stopBy } from "./check_stop.ts";
import { encodeBase64 } from "./base64.ts";
import { bytesOf, read } from "./read_transaction.ts";
import { Refusal } from "./refusal.ts";
import { setPrice, transferOf } from "./testing.ts";

const STOP =
  "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA" +
  "AQACBgiyHtsxkfb/rWo31YRNyQf0rlWBgGqvHk+LpZiVe+ZPLxN+BYYDN5z8lVF8Jb4zAB7VYmG+YPIQF0isd/ni" +
  "Cd6xyBlwpBWCEeA/EXv0FlExBWwV7R5hRv7jZdrpK/tGPbfKcmCaZirQSK6pG6qrJfcPg6Bb0sQeiRK1plg3z3t6" +
  "AwZGb+UhFzL/7K26csOb57yM5bvF9xJrLEObOkAAAAAE3oTVToPkK+UPWGt+iE926VNwyONqR6G+XItvElaM6J+r" +
  "OF/gI1ddQBDdphIU7/G1zigBMWGfiTxY2MisbjiIAgQABQJMBAAABQQCAAEDAgcAAA==";
const EXTEND =
  "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA" +
  "AQADBQiyHtsxkfb/rWo31YRNyQf0rlWBgGqvHk+LpZiVe+ZPscgZcKQVghHgPxF79BZRMQVsFe0eYUb+42Xa6Sv7" +
  "Rj0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAMGRm/lIRcy/+ytunLDm+e8jOW7xfcSayxDmzpAAAAA" +
  "BN6E1U6D5CvlD1hrfohPdulTcMjjakehvlyLbxJWjOifqzhf4CNXXUAQ3aYSFO/xtc4oATFhn4k8WNjIrG44iAID" +
  "AAUCmAgAAAQDAAECBQVoEAAAAA==";
const program = address("L1RoW5zYwBwKd3xx7vrAWLPt5UMdNJJS1u4NojXZHCB");
const lease = address("Cxz8d3mVqpGcS8mME1UYGqTgL8Hf6PNiyJpvogd1s7s2");
const renter = address("awnxF3wHAAawSCaJU8hq3v89jcpVsCeUTT3wNKKY7ux");
const host = address("4AmQFVMWcMWRKMwhzYaWdARUUA4ctbiKQ65LyuVnd33s");
const treasury = address("DNSeutrnBF2SfzKQg1XyL5Tf4hftTtWS9hT6iTKtNu7P");
const stranger = address("5jiM8WeUaP5aKfYzeMFQv8LeuxAph55CbmhKxYKLsXJq");
const want = { program, lease, renter, host };
const parties = { program, lease, renter, host, treasury };

function made(calls: readonly Instruction[], payer: Address = renter): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(payer, m),
    (m) =>
      setTransactionMessageLifetimeUsingBlockhash(
        { blockhash: lease as unknown as Blockhash, lastValidBlockHeight: 1n },
        m,
      ),
    (m) => appendTransactionMessageInstructions(calls, m),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}
const stop = (how: client.How) => client.stop({ ...parties, how });
const proof = client.ed25519({
  signer: stranger,
  signature: new Uint8Array(64),
  message: new Uint8Array(88),
});
const claim = client.claim(parties);
const cancel = client.cancel({ ...parties, renterSigns: true });
const others = { ...parties, lease: stranger };
const transfer = transferOf(renter, stranger);

describe("a transaction that ends a lease", () => {
  it("is taken as the market makes it", () => {
    expect(checkStop(bytesOf(STOP), want)).toBe("served");
    expect(checkStop(made([stop(0)]), want)).toBe("served");
    expect(checkStop(made([stop(1), setPrice(1000n)]), want)).toBe("dispute");
    expect(checkStop(made([proof, claim, stop(1)]), want)).toBe("dispute");
    expect(checkStop(made([cancel]), want)).toBe("cancel");
    expect(checkStop(made([setPrice(1_000n), cancel]), want)).toBe("cancel");
  });
  it("is refused where it does anything else", () => {
    const bent: readonly (readonly [string, Uint8Array])[] = [
      ["another lease", made([client.stop({ ...parties, lease: stranger, how: 0 })])],
      ["another host", made([client.stop({ ...parties, host: stranger, how: 0 })])],
      ["another program", made([client.stop({ ...parties, program: stranger, how: 0 })])],
      ["another way", made([stop(2)])],
      ["a transfer beside it", made([stop(0), transfer])],
      ["a transfer before it", made([transfer, stop(0)])],
      ["a transfer in the place of a proof", made([transfer, claim, stop(1)])],
      ["another payer", made([stop(0)], stranger)],
      ["two stops", made([stop(0), stop(0)])],
      ["a fee beyond the limit", made([stop(0), setPrice(1_000_000_000n)])],
      ["a way out with a fee beyond the limit", made([cancel, setPrice(1_000_000_000n)])],
      ["a way out of another lease", made([client.cancel({ ...others, renterSigns: true })])],
      ["a way out with a transfer", made([cancel, transfer])],
      ["an extend", bytesOf(EXTEND)],
      ["no call", made([])],
      ["bytes behind it", Uint8Array.of(...made([stop(0)]), 0)],
      ["no transaction", Uint8Array.of(1, 2, 3)],
      ["a longer stop", made([{ ...stop(0), data: Uint8Array.of(7, 0, 0) }])],
    ];
    for (const [what, wire] of bent) expect(() => checkStop(wire, want), what).toThrow(Refusal);
    expect(() => bytesOf("!!!")).toThrow(Refusal);
  });
  it("is changed to the way that the renter chose, and to nothing else", () => {
    const served = made([stop(0)]);
    expect(stopBy(served, want, "served")).toBe(served);
    expect(encodeBase64(stopBy(served, want, "dispute"))).toBe(encodeBase64(made([stop(1)])));
    const priced = made([stop(0), setPrice(10n)]);
    expect(checkStop(stopBy(priced, want, "dispute"), want)).toBe("dispute");
    const claimed = made([proof, claim, stop(1)]);
    expect(checkStop(stopBy(claimed, want, "served"), want)).toBe("served");
    expect(read(stopBy(claimed, want, "served")).calls).toHaveLength(3);
    expect(() => stopBy(served, want, "cancel")).toThrow("moment");
  });
});

describe("a transaction that extends a lease", () => {
  const wanted = { program, lease, renter, totalSeconds: 4200 };
  const extend = (totalSeconds: number) => client.extend({ ...parties, totalSeconds });
  it("is taken as the market makes it", () => {
    expect(() => checkExtend(bytesOf(EXTEND), wanted)).not.toThrow();
    expect(() => checkExtend(made([extend(4200), setPrice(10n)]), wanted)).not.toThrow();
  });
  it("is refused where it does anything else", () => {
    const bent: readonly (readonly [string, Uint8Array])[] = [
      ["another time", made([extend(4201)])],
      ["another lease", made([client.extend({ ...wanted, lease: host })])],
      ["a transfer beside it", made([extend(4200), transfer])],
      ["twice", made([extend(4200), extend(4200)])],
      ["another payer", made([extend(4200)], stranger)],
      ["a stop", bytesOf(STOP)],
    ];
    for (const [what, wire] of bent) expect(() => checkExtend(wire, wanted), what).toThrow(Refusal);
  });
});
