// The codes that were shown to phones and may still be paid. Each is kept from the moment on at
// which there is one: a reload or another choice shows a new code, and the old one may be paid all
// the same.
import { Problem } from "../lib/api.ts";
import { rememberPhone } from "./memory.ts";
import { payState, type PayState, type StartedPay } from "./solana_pay.ts";

export interface OpenTicket {
  pay: string;
  secret: string;
  offer: string;
  expires: number; // ms, by this machine's clock
}

const NAME = "obelisk-phone-codes";
const MOST = 4;
const LIFE_MS = 600_000; // of a code: no market's word makes it longer
const LANDING_MS = 90_000; // a phone may have signed at the last moment

export function openTickets(nowMs = Date.now()): readonly OpenTicket[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(NAME) ?? "[]");
    if (!Array.isArray(found)) return [];
    return (found as OpenTicket[])
      .filter((one) => typeof one?.pay === "string" && typeof one.secret === "string")
      .filter((one) => one.expires + LANDING_MS > nowMs)
      .slice(-MOST);
  } catch {
    return [];
  }
}

function keep(tickets: readonly OpenTicket[]): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(tickets.slice(-MOST)));
  } catch {
    // A private window may keep nothing: the code on the screen is then the only one.
  }
}

export function keepTicket(started: StartedPay, offer: string, nowMs = Date.now()): OpenTicket {
  const end = Date.parse(started.expires_at);
  const isLikely = end > nowMs && end < nowMs + LIFE_MS;
  const { pay, secret } = started;
  const ticket = { pay, secret, offer, expires: isLikely ? end : nowMs + LIFE_MS };
  keep([...openTickets(nowMs).filter((one) => one.pay !== pay), ticket]);
  return ticket;
}

export function dropTicket(pay: string): void {
  keep(openTickets().filter((one) => one.pay !== pay));
}

// What became of one code. One that was paid is remembered as this tab's payment, and one that the
// market does not know any more is forgotten.
export async function askTicket(
  ticket: Pick<OpenTicket, "pay" | "secret">,
  signal?: AbortSignal,
): Promise<PayState> {
  const { pay, secret } = ticket;
  try {
    const state = await payState(ticket, signal);
    if (state.state === "paid" && state.lease) {
      rememberPhone({ lease: state.lease.lease, pay, secret });
      dropTicket(pay);
    }
    return state;
  } catch (error) {
    if (error instanceof Problem && [403, 404, 410].includes(error.status)) dropTicket(pay);
    throw error;
  }
}

// The lease of the newest one that was paid; undefined: none, or nobody says at the moment.
export async function findPaid(signal?: AbortSignal): Promise<string | undefined> {
  for (const ticket of [...openTickets()].reverse()) {
    const state = await askTicket(ticket, signal).catch(() => undefined);
    if (signal?.aborted) return undefined;
    if (state?.state === "paid" && state.lease) return state.lease.lease;
  }
  return undefined;
}
