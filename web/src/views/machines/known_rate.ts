// The rate of a lease as this browser first heard it. It stands in the lease and never changes: a
// market that tells another one later is wrong once, and the price that the page makes of it would
// not be what the chain takes.

const NAME = "obelisk-rates";
const MOST = 100; // leases, the last one first

// Whether it is the one of before; the first time it is kept.
export function isSameRate(lease: string, lamportsPerHour: string): boolean {
  try {
    const found = JSON.parse(localStorage.getItem(NAME) ?? "[]") as unknown;
    const kept = Array.isArray(found) ? (found as readonly [string, string][]) : [];
    const before = kept.find(([one]) => one === lease);
    if (before) return before[1] === lamportsPerHour;
    const next = [[lease, lamportsPerHour], ...kept].slice(0, MOST);
    localStorage.setItem(NAME, JSON.stringify(next));
  } catch {
    // Private windows may keep nothing: there it is the market's word each time.
  }
  return true;
}
