// One claim from a host's page, until it is known what came of it.
import { get, type Lease } from "../../lib/api.ts";
import type { Change, Looked } from "../../lib/change.svelte.ts";
import type { Heard } from "../../pay/claim_lease.ts";
import { paidBetween, resultOf, type MadeClaim, type Result } from "../../pay/claimed.ts";

export interface Claimed {
  lease: string;
  result: Result;
  lamports: bigint | undefined; // that were paid to the host; undefined: nobody can say from here
}

// Looks at the one lease while its page is there: the host's list says what waits, and that grows
// while the wallet is asked.
function lookAt(lease: string, page: { isOpen: boolean }): Looked<Lease> {
  const look = {
    seen: undefined as Lease | undefined,
    get isOpen() {
      return page.isOpen;
    },
    async refresh(): Promise<boolean> {
      try {
        look.seen = await get<Lease>(`/v1/leases/${encodeURIComponent(lease)}`);
        return true;
      } catch {
        return false;
      }
    },
  };
  return look;
}

// Undefined: it has failed, or it can land no more; `change` says which.
export async function claimBy(
  change: Change,
  lease: string,
  page: { isOpen: boolean },
  send: (heard: Heard) => Promise<boolean>,
): Promise<Claimed | undefined> {
  const look = lookAt(lease, page);
  let made: MadeClaim | undefined;
  const onMade = (claim: MadeClaim) => {
    made = claim;
  };
  const resultNow = (seen: Lease) => (made ? resultOf(made, seen) : undefined);
  const isSeen = await change.run(
    look,
    (onSilent) => send({ onSilent, onMade }),
    (seen) => resultNow(seen) !== undefined,
  );
  const result = isSeen && look.seen ? resultNow(look.seen) : undefined;
  if (!made || !look.seen || result === undefined) return undefined;
  const lamports = result === "paid" ? paidBetween(made.before, look.seen) : undefined;
  return { lease, result, lamports };
}
