// Reads the market's list of ended leases, or a host's, the last first, and never more than some
// pages of it.
import { get, type Schemas } from "../api.ts";
import type { Ended } from "./outcomes.ts";

export const PAGE = 500; // entries

export interface Read {
  entries: readonly Ended[];
  isWhole: boolean; // false: there are older ones that were not read
}

export async function readOutcomes(
  pages: number,
  signal: AbortSignal,
  host?: string,
): Promise<Read> {
  const entries: Ended[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < pages; ++i) {
    const page = await get<Schemas["OutcomeList"]>("/v1/outcomes", {
      query: { limit: String(PAGE), cursor, host },
      signal,
    });
    entries.push(...page.entries);
    cursor = page.next;
    if (cursor === undefined) return { entries, isWhole: true };
  }
  return { entries, isWhole: false };
}
