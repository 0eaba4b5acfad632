// Follows one lease from the payment on: by its event stream where the visitor is signed in, else
// by asking for what anybody may see. Nothing but the lease itself says what state it is in.
import { get, Problem, type Lease, type LeaseEvent, type MarketInfo } from "../../lib/api.ts";
import { follow } from "../../lib/events.ts";
import { paymentOf, phoneOf, type Payment, type PhonePayment } from "../../pay/memory.ts";
import { payState } from "../../pay/solana_pay.ts";
import { forgetToken } from "../../wallet/wallet.svelte.ts";
import { reachedBy, timesOf, type Times } from "./steps.ts";

const POLL_MS = 700;
const SLOW_POLL_MS = 5_000; // where nothing is awaited, or events tell of it
const MOST_EVENTS = 500;

export class Watch {
  lease = $state.raw<Lease | undefined>();
  error = $state.raw<unknown>();
  isFollowing = $state(false);
  readonly payment: Payment | undefined;
  readonly phone: PhonePayment | undefined;
  skewMs = $state(0); // the chain's clock less this machine's

  #events = $state.raw<readonly LeaseEvent[]>([]);
  #seen = $state.raw<Times>({}); // as this page saw the states change

  constructor(readonly address: string) {
    this.payment = paymentOf(address);
    this.phone = phoneOf(address);
  }

  // What was seen, and where events tell it better, what they tell.
  get times(): Times {
    return { ...this.#seen, ...timesOf(this.#events, this.payment) };
  }

  // Until the signal ends it. Called again when a token is there.
  start(token: string | undefined, signal: AbortSignal): void {
    void this.#askTime();
    void this.#poll(token, signal);
    if (token === undefined) return;
    const path = `/v1/leases/${encodeURIComponent(this.address)}/events`;
    void follow(path, signal, {
      token,
      onState: (is) => (this.isFollowing = is),
      onEvent: ({ data }) => this.#heard(data),
    });
  }

  #heard(data: string): void {
    let event: LeaseEvent;
    try {
      event = JSON.parse(data) as LeaseEvent;
    } catch {
      return; // the next one, or a question, says the same
    }
    const known = this.#events.some((one) => one.seq === event.seq);
    if (!known) this.#events = [...this.#events, event].slice(-MOST_EVENTS);
    this.#take(event.lease);
  }

  // An older answer that comes late changes nothing.
  #take(lease: Lease): void {
    if (lease.lease !== this.address) return;
    if (this.lease && lease.version < this.lease.version) return;
    // An event lacks what an answer has: the ways in.
    const ways = lease.ways ?? this.lease?.ways;
    const ssh = lease.ssh ?? this.lease?.ssh;
    this.lease = { ...lease, ...(ways ? { ways } : {}), ...(ssh ? { ssh } : {}) };
    this.error = undefined;
    const sent = this.payment?.sentAtMs;
    const seen: Times = { ...this.#seen };
    for (const name of reachedBy(lease.state)) {
      if (!(name in seen)) seen[name] = sent === undefined ? undefined : Date.now() - sent;
    }
    const accepted = this.payment?.acceptedMs;
    if (accepted !== undefined && !("paid" in seen)) seen.paid = accepted;
    this.#seen = seen;
  }

  async ask(token: string | undefined, signal?: AbortSignal): Promise<void> {
    const path = `/v1/leases/${encodeURIComponent(this.address)}`;
    try {
      const shown = token === undefined ? await this.#askByPhone(signal) : undefined;
      this.#take(shown ?? (await get<Lease>(path, { token, signal })));
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof Problem && error.status === 401) forgetToken();
      else this.error = error;
    }
  }

  // Who showed the code to a phone has the key, and is shown the way in.
  async #askByPhone(signal?: AbortSignal): Promise<Lease | undefined> {
    if (!this.phone) return undefined;
    return payState(this.phone, signal).then(
      (state) => state.lease,
      () => undefined, // its time may be over: the lease is then shown as to anybody
    );
  }

  // While events come it is asked seldom, and yet asked: a stream that died on the way looks like
  // one on which nothing happens.
  async #poll(token: string | undefined, signal: AbortSignal): Promise<void> {
    const waiting = ["quoted", "preparing", "checking", "starting", "stopping"];
    while (!signal.aborted) {
      await this.ask(token, signal);
      const againMs = Date.now() + SLOW_POLL_MS;
      let isSoon = false;
      do {
        await new Promise((done) => setTimeout(done, POLL_MS));
        const isTold = this.isFollowing && this.lease !== undefined;
        isSoon = !isTold && waiting.includes(this.lease?.state ?? "quoted");
      } while (!isSoon && !signal.aborted && Date.now() < againMs);
    }
  }

  async #askTime(): Promise<void> {
    try {
      const market = await get<MarketInfo>("/v1/market");
      this.skewMs = market.chain_time_s * 1_000 - Date.now();
    } catch {
      // Then this machine's clock has to do.
    }
  }
}
