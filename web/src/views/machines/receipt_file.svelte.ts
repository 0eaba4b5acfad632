// The receipt as a file: asked for once for each state of the lease, shown as a table, and saved
// byte by byte as it came, since whoever checks it reads those bytes.
import { noAnswer, Problem, send } from "../../lib/api.ts";
import { forgetToken } from "../../wallet/wallet.svelte.ts";
import { rowsOf, type ReceiptFile, type Row } from "./receipt_rows.ts";

// The market reads every transaction of the lease from its node first.
const TIMEOUT_MS = 60_000;

export interface Answer {
  bytes: Uint8Array<ArrayBuffer>;
  rows: readonly Row[];
  hasTerms: boolean; // which only renter and host are given
}

export class ReceiptOf {
  answer = $state.raw<Answer | undefined>();
  failed = $state.raw<unknown>();
  isAsking = $state(false);
  #turn = 0; // an answer to an older question is given up
  #token: string | undefined;

  constructor(private readonly lease: string) {}

  // What is known stays while it is asked again; with another token it is another answer.
  async ask(token: string | undefined): Promise<Answer | undefined> {
    const turn = ++this.#turn;
    if (token !== this.#token) this.answer = undefined;
    this.#token = token;
    this.failed = undefined;
    this.isAsking = true;
    try {
      const path = `/v1/leases/${encodeURIComponent(this.lease)}/receipt`;
      const answer = await readAnswer(await send(path, { token }, TIMEOUT_MS), this.lease);
      if (turn === this.#turn) this.answer = answer;
    } catch (error) {
      if (turn !== this.#turn) return undefined;
      // Without it the lease is everybody's: the page then asks again.
      const isRefused = error instanceof Problem && error.status === 401 && token !== undefined;
      if (isRefused) forgetToken();
      else this.failed = error;
    } finally {
      if (turn === this.#turn) this.isAsking = false;
    }
    return turn === this.#turn ? this.answer : undefined;
  }
}

async function readAnswer(response: Response, lease: string): Promise<Answer> {
  try {
    const bytes = new Uint8Array(await response.arrayBuffer());
    const file = JSON.parse(new TextDecoder().decode(bytes)) as ReceiptFile;
    if (file.lease !== lease) throw noAnswer();
    return { bytes, rows: rowsOf(file), hasTerms: typeof file.terms === "string" };
  } catch {
    throw noAnswer();
  }
}
