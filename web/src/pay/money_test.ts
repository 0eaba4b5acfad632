import { expect, test } from "vitest";
import type { Offer } from "../lib/api.ts";
import { boundsOf, bodyOf, readChoices, writeChoices } from "./choices.ts";
import { estimate } from "./estimate.ts";
import { splitAfter } from "./refund.ts";
import { pathOfMatrix } from "./solana_pay.ts";

const offer: Offer = {
  id: "7d70e8c05e3ae9ff",
  host: "7f8vdVjeP6vLk8s6WyVM6nSeju3W5VuenQxaJdLcRj4Q",
  card: "cpu",
  card_name: "CPU only",
  count: 2,
  memory_bytes: 0,
  micro_usd_per_hour: 100_000,
  lamports_per_hour: "714286",
  disk_bytes_max: 25_769_791_488,
  ram_bytes: 9_478_522_368,
  cpu_milli: 1_000,
  max_seconds: 604_800,
  simulated: false,
  images: [
    { digest: "sha256:aa", template: "ssh", size_bytes: 1 },
    { digest: "sha256:bb", size_bytes: 1 },
  ],
};

test("what comes back is what the program pays, to the lamport", () => {
  // 600 s at 714,286 lamports an hour: 119,048 paid, rounded up; 714,286 x 61 / 3600 is 12,103.2.
  expect(splitAfter(714_286n, 600, 61)).toEqual({ used: 12_103n, back: 106_945n + 2_951_040n });
  expect(splitAfter(714_286n, 600, 0)).toEqual({ used: 0n, back: 119_048n + 2_951_040n });
  // All the time: the one lamport of the two roundings is the renter's.
  expect(splitAfter(714_286n, 600, 600)).toEqual({ used: 119_047n, back: 1n + 2_951_040n });
  expect(splitAfter(714_286n, 600, 9_999)).toEqual(splitAfter(714_286n, 600, 600));
  expect(splitAfter(714_286n, 600, -5)).toEqual(splitAfter(714_286n, 600, 0));
  expect(splitAfter(714_286n, 600, 60.9)).toEqual(splitAfter(714_286n, 600, 60));
});

test("an estimate is the quote that the market would make", () => {
  expect(estimate(offer, { count: 1, seconds: 600 })?.breakdown).toEqual({
    cards_lamports: "119048",
    disk_lamports: "0",
    traffic_lamports: "0",
    price_lamports: "119048",
    bond_lamports: "2951040",
    network_fees_lamports: "15000",
    total_lamports: "3085088",
    total_micro_usd: 431_913,
  });
  expect(estimate({ ...offer, lamports_per_hour: "0" }, { count: 1, seconds: 600 })).toBe(
    undefined,
  );
  const withDisk = { ...offer, micro_usd_per_gb_month: 100_000 };
  const priced = estimate(withDisk, { count: 1, seconds: 3_600, diskBytes: 73_000_000_000 });
  // 73 GB at $0.10 a month are a hundredth of a dollar an hour: 71,429 lamports at $140.
  expect(priced?.breakdown.disk_lamports).toBe("71429");
});

test("choices go into the address and come back the same", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk me";
  const query = new URLSearchParams({
    seconds: "90",
    max: "7200",
    count: "2",
    template: "ssh",
    disk: "30",
  });
  const choices = readChoices(query, offer, key);
  expect(choices).toEqual({
    seconds: 90,
    maxSeconds: 7_200,
    count: 2,
    template: "ssh",
    image: undefined,
    diskBytes: 30 * 1024 ** 3,
    key,
  });
  expect(readChoices(new URLSearchParams(writeChoices(choices)), offer, key)).toEqual(choices);
  expect(writeChoices(choices)).not.toContain("ssh-ed25519");
  expect(bodyOf(offer.id, choices)).toEqual({
    offer: offer.id,
    count: 2,
    seconds: 90,
    max_seconds: 7_200,
    template: "ssh",
    disk_bytes: 32_212_254_720,
    ssh_key: key,
  });
});

test("a key in an address is nobody's", () => {
  const theirs = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk";
  expect(readChoices(new URLSearchParams({ key: theirs }), offer).key).toBe("");
  const mine = `${theirs} me`;
  expect(readChoices(new URLSearchParams({ key: theirs }), offer, mine).key).toBe(mine);
});

test("whatever an address says is held to the offer's bounds", () => {
  const read = (query: Record<string, string>) => readChoices(new URLSearchParams(query), offer);
  expect(read({}).seconds).toBe(3_600);
  expect(read({ seconds: "1" }).seconds).toBe(60);
  expect(read({ seconds: "999999999" }).seconds).toBe(604_800);
  expect(read({ seconds: "1e9" }).seconds).toBe(3_600);
  expect(read({ seconds: "-5" }).seconds).toBe(3_600);
  expect(read({ seconds: "7200", max: "60" }).maxSeconds).toBe(7_200);
  expect(read({ count: "99" }).count).toBe(2);
  expect(read({ count: "0" }).count).toBe(1);
  expect(read({ disk: "999" }).diskBytes).toBe(23 * 1024 ** 3);
  expect(read({ template: "<img>" }).template).toBe(undefined);
  expect(read({ image: "sha256:bb" }).image).toBe("sha256:bb");
  expect(read({ image: "sha256:zz" }).image).toBe(undefined);
  expect(readChoices(new URLSearchParams(), offer, "-----BEGIN PRIVATE KEY-----").key).toBe("");
  expect(boundsOf({ ...offer, count: 0 }, 1).count).toBe(1);
});

test("a QR code is one path of its dark runs", () => {
  expect(pathOfMatrix([])).toBe("");
  expect(
    pathOfMatrix([
      [true, false, true],
      [false, true, true],
    ]),
  ).toBe("M0 0h1v1h-1zM2 0h1v1h-1zM1 1h2v1h-2z");
});
