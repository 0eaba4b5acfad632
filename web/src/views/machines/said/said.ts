// What the market says of a lease, told again in the page's own words. Its events have a kind,
// which is for programs and stable, and a message in English, of which amounts, times and reasons
// are taken. A reason is somebody's own words: it is shown as such, beside the sentence. What is
// not known here is shown as the market says it. Pure.
import en from "./en.json";

export type Name = keyof typeof en;
export interface Said {
  name: Name;
  values: Record<string, string>;
  quote?: string; // the own words of `by`
  by?: "host" | "market";
}
interface Form {
  name: Name;
  is?: string | RegExp; // the message; without it all of it is a quote
  by?: "host" | "market"; // whose words <quote> are
}

// As base::to_duration_text and base::to_sol_text write them.
const TIME = "\\d+ (?:s|min)|\\d+ h \\d\\d min|\\d+ d \\d\\d h";
const AMOUNT = "\\d+(?:\\.\\d+)? SOL";
const FREE =
  `You pay nothing but network fees\\. Your money comes back by itself in (?<time>${TIME}); ` +
  "cancel to have it now\\.";
const WINDOW =
  "What was not used is back already; the rest is settled within " + `(?<window>${TIME})\\.`;
const whole = (source: string) => new RegExp(`^${source}$`, "s");

// All that src/core/lease/step*.cpp notes, and what hosts say of running leases.
const KINDS: Readonly<Record<string, readonly Form[]>> = {
  open_seen: [{ name: "open_seen", is: "Payment seen. The host makes your machine." }],
  open_confirmed: [{ name: "open_confirmed", is: "Paid. Your machine is being checked." }],
  open_vanished: [
    {
      name: "open_vanished",
      is:
        "The payment is not on the chain any more: the network dropped it, or it was cancelled. " +
        "Nothing is held. Send it again.",
    },
  ],
  host_starting: [{ name: "host_starting", is: "The host is making your machine." }],
  host_running: [{ name: "host_running", is: "The machine runs." }],
  host_open: [{ name: "host_open", is: "You may log in." }],
  host_failed: [{ name: "host_failed", is: whole("The host reports: (?<quote>.*)"), by: "host" }],
  host_key_changed: [
    { name: "host_key_changed", is: "The host named another host key. It is not trusted." },
  ],
  host_dark: [
    {
      name: "host_dark",
      is: whole(
        "The host went dark \\((?<quote>.*)\\)\\. It is stopped at its last proof; " +
          "the rest comes back\\.",
      ),
      by: "market",
    },
  ],
  login_worked: [{ name: "login_worked", is: "It is as quoted. The meter starts next." }],
  login_failed: [
    {
      name: "login_failed",
      is: whole("The watch's login failed: (?<quote>.*)\\. It tries again\\."),
      by: "market",
    },
  ],
  check_failed: [{ name: "check_failed", by: "market" }],
  ready_confirmed: [{ name: "ready_confirmed", is: "Ready. The meter runs." }],
  ready_failed: [
    { name: "ready_failed", is: whole("`ready` did not land: (?<quote>.*)"), by: "market" },
  ],
  not_ready: [
    { name: "not_ready.late", is: whole(`Not ready in (?<limit>${TIME})\\. ${FREE}`) },
    {
      name: "not_ready.host",
      is: whole(`The host could not make it: (?<quote>.*) ${FREE}`),
      by: "host",
    },
    {
      name: "not_ready.check",
      is: whole(`The machine is not what was quoted: (?<quote>.*)\\. ${FREE}`),
      by: "market",
    },
  ],
  refused: [
    {
      name: "refused",
      is: whole(
        "The lease on chain is not the one that was quoted: (?<field>[a-z_]+) differs\\. .*",
      ),
    },
  ],
  attested: [{ name: "attested", is: "Served until now: proven to both sides." }],
  extended: [{ name: "extended", is: whole(`Extended to (?<time>${TIME}) in all\\.`) }],
  stop_asked: [{ name: "stop_asked", is: "The stop is on its way." }],
  stop_not_landed: [
    {
      name: "stop_not_landed",
      is: "The stop did not land. The lease runs on. Stop it again.",
    },
  ],
  dark_refused: [
    {
      name: "dark_refused",
      is: whole("It is not stopped: (?<quote>.*) The lease runs on\\."),
      by: "market",
    },
  ],
  end_reached: [
    { name: "end_reached", is: "The time you bought is over. The lease is being settled." },
  ],
  contested: [
    {
      name: "contested",
      is: whole(`Stopped\\. The last (?<gap>${TIME}) are not proven\\. ${WINDOW}`),
    },
  ],
  closed: [{ name: "closed", is: "Stopped. The amounts are being read from the chain." }],
  ended: [
    {
      name: "ended.used",
      is: whole(
        `Stopped\\. You used (?<time>${TIME}): (?<paid>${AMOUNT})\\. ` +
          `(?<back>${AMOUNT}) returned\\.`,
      ),
    },
    {
      name: "ended.back",
      is: whole(`Not ready in (?<limit>${TIME})\\. (?<back>${AMOUNT}) is back\\.`),
    },
    { name: "ended.untold", is: whole(`Stopped\\. You used (?<time>${TIME}): .*`) },
  ],
  fork_lost: [
    { name: "fork_lost.runs", is: "The network took back what had ended it. It runs on." },
    {
      name: "fork_lost.ready",
      is: "The network took back `ready`. The meter stands still until it is there again.",
    },
    {
      name: "fork_lost.end",
      is: "The network took back its end. What was said of the amounts does not hold.",
    },
  ],
  never_paid: [
    { name: "never_paid", is: "Nobody paid this quote in time. Nothing was charged for it." },
  ],
  given_up: [{ name: "given_up", is: "The quote was given up. Nothing was charged for it." }],
  trouble: [{ name: "trouble", is: whole("The host says: (?<quote>.*)"), by: "host" }],
  idle: [{ name: "idle", is: whole("The host says: (?<quote>.*)"), by: "host" }],
};

// Messages of a lease that no event brings.
const OTHERS: readonly Form[] = [
  { name: "message.quoted", is: "Quoted. Nothing is paid yet." },
  {
    name: "message.reading",
    is: "Nobody seems to have paid this quote in time. The chain's history is being read.",
  },
];

// What is said to others than renter and host: no more than the state, which stands there already.
const STATES = new Set([
  "Quoted.",
  "Paid.",
  "The host makes it.",
  "It becomes ready.",
  "It runs.",
  "It ends.",
  "Its last minutes are contested.",
  "It is over.",
]);

export const knownKinds: readonly string[] = Object.keys(KINDS);

function match({ name, is, by }: Form, message: string): Said | undefined {
  if (typeof is === "string") return is === message ? { name, values: {} } : undefined;
  const found = is ? is.exec(message) : { groups: { quote: message } };
  if (!found) return undefined;
  const { quote, ...values } = { ...found.groups } as Record<string, string>;
  return { name, values, ...(quote && by ? { quote, by } : {}) };
}

// Undefined: it is not known, and the message has to do.
export function saidOf(kind: string, message: string): Said | undefined {
  const forms = Object.hasOwn(KINDS, kind) ? (KINDS[kind] ?? []) : [];
  const [only] = forms;
  // Where a kind says one thing and nothing else, it says it in whatever words.
  if (only && forms.length === 1 && typeof only.is === "string")
    return { name: only.name, values: {} };
  for (const form of forms) {
    const said = match(form, message);
    if (said) return said;
  }
  return undefined;
}

// The same for the message of a lease itself, which is that of its last event and comes without the
// kind. "state": it says nothing but the state.
export function saidOfMessage(message: string): Said | "state" | undefined {
  if (message === "" || STATES.has(message)) return "state";
  for (const form of [...OTHERS, ...Object.values(KINDS).flat()]) {
    const said = form.is === undefined ? undefined : match(form, message);
    if (said) return said;
  }
  return undefined;
}
