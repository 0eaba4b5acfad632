// Paying with a phone: the market holds the choices under an id, the phone's wallet fetches the
// transaction there, and this page only watches what became of it. The secret is this page's alone:
// whoever has it sees the quote, the lease and its way in, and can move nothing.
import { get, post, type Schemas } from "../lib/api.ts";
import type { QuoteBody } from "./choices.ts";

export type StartedPay = Schemas["PayTicket"];
export type PayState = Schemas["PayState"];

export async function startPay(body: QuoteBody, signal: AbortSignal): Promise<StartedPay> {
  return post<StartedPay>("/v1/pay", body, { signal });
}

export type Ticket = Pick<StartedPay, "pay" | "secret">;

export async function payState(pay: Ticket, signal?: AbortSignal): Promise<PayState> {
  return get<PayState>(`/v1/pay/${encodeURIComponent(pay.pay)}/state`, {
    signal,
    headers: { "Obelisk-Pay-Secret": pay.secret },
  });
}

// Each dark module as a square of one path: a picture without an image, a style or a request.
export function pathOfMatrix(rows: readonly (readonly boolean[])[]): string {
  let path = "";
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; ++x) {
      if (!row[x]) continue;
      let end = x;
      while (row[end + 1]) ++end;
      path += `M${x} ${y}h${end - x + 1}v1h${x - end - 1}z`;
      x = end;
    }
  }
  return path;
}
