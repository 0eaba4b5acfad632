// What this tab remembers of a payment under way, so that a reload in the middle of it goes on. It
// says when and how fast, never who owns what: that is read from the lease.

export interface Payment {
  lease: string;
  sentAtMs: number; // when the wallet had signed, by this machine's clock
  acceptedMs?: number; // from there until the market had taken it
  keyFile?: string; // the name of the private key's file, where it was made on this page
}

const NAME = "obelisk-payment";
const KEPT_MS = 600_000;

export function rememberPayment(payment: Payment): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(payment));
  } catch {
    // A private window may keep nothing: a reload then shows what the lease itself shows.
  }
}

export function paymentOf(lease?: string): Payment | undefined {
  try {
    const found = JSON.parse(sessionStorage.getItem(NAME) ?? "null") as Payment | null;
    if (!found || typeof found.lease !== "string" || typeof found.sentAtMs !== "number") return;
    if (lease !== undefined) return found.lease === lease ? found : undefined;
    return Date.now() - found.sentAtMs < KEPT_MS ? found : undefined;
  } catch {
    return undefined;
  }
}

// Which lease this very page has just paid. A reload or a link has paid nothing, and must not open
// the wallet by itself.
let justPaid: string | undefined;

export function notePaid(lease: string): void {
  justPaid = lease;
}

// Once: whoever asks has used it.
export function takeJustPaid(lease: string): boolean {
  const is = justPaid === lease;
  justPaid = undefined;
  return is;
}

const PHONE = "obelisk-phone";

// Of a payment by a phone: what this page was given to look at its lease.
export interface PhonePayment {
  lease: string;
  pay: string;
  secret: string;
}

export function rememberPhone(payment: PhonePayment): void {
  try {
    sessionStorage.setItem(PHONE, JSON.stringify(payment));
  } catch {
    // As above: the lease is then shown as to anybody.
  }
}

export function phoneOf(lease: string): PhonePayment | undefined {
  try {
    const found = JSON.parse(sessionStorage.getItem(PHONE) ?? "null") as PhonePayment | null;
    return found?.lease === lease ? found : undefined;
  } catch {
    return undefined;
  }
}

export function forgetPayment(): void {
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // As above.
  }
}
