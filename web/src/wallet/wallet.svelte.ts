// The visitor's wallet: found by the Wallet Standard, connected when it is first needed, and never
// asked to sign what nobody clicked for. It must never see a key. What is kept for the next visit
// is a session's token, which reads leases and moves no money.
//
// The first screen does without it: views import this file lazily, or from a lazy part of theirs.
import {
  SolanaSignMessage,
  SolanaSignTransaction,
  type SolanaSignMessageFeature,
  type SolanaSignTransactionFeature,
} from "@solana/wallet-standard-features";
import { getWallets } from "@wallet-standard/app";
import type { Wallet, WalletAccount } from "@wallet-standard/base";
import {
  StandardConnect,
  StandardEvents,
  type StandardConnectFeature,
  type StandardEventsFeature,
} from "@wallet-standard/features";
import { part } from "../frame/part.ts";
import { post, Problem, send, type Schemas } from "../lib/api.ts";
import { askMarket } from "../lib/market.svelte.ts";
import { solanaAccountOf } from "./account.ts";
import { signInText } from "./sign_in_text.ts";
import { t } from "./words.ts";

type Usable = Wallet & {
  features: StandardConnectFeature &
    SolanaSignTransactionFeature &
    SolanaSignMessageFeature &
    Partial<StandardEventsFeature>;
};

const KEPT = "obelisk-session";
let wallets = $state.raw<readonly Usable[]>([]);
let chosen = $state.raw<{ wallet: Usable; account: WalletAccount } | undefined>();
let stopHearing: (() => void) | undefined; // of the chosen wallet's changes
let kept = $state.raw<Kept | undefined>(readKept());

// What survives a reload: which wallet it was, and the token of its session, where there is one.
interface Kept {
  walletName: string;
  address: string;
  token?: string;
  session?: string; // its name at the market, to end it by
  expiresAt?: string;
}

function readKept(): Kept | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Kept | null;
    return found && typeof found.address === "string" ? found : undefined;
  } catch {
    return undefined;
  }
}

function keep(next: Kept | undefined): void {
  kept = next;
  try {
    if (next) localStorage.setItem(KEPT, JSON.stringify(next));
    else localStorage.removeItem(KEPT);
  } catch {
    // Private windows may keep nothing: the session then ends with the page.
  }
}

function isUsable(wallet: Wallet): wallet is Usable {
  return (
    StandardConnect in wallet.features &&
    SolanaSignTransaction in wallet.features &&
    SolanaSignMessage in wallet.features &&
    wallet.chains.some((chain) => chain.startsWith("solana:"))
  );
}

const registry = getWallets();
function look(): void {
  wallets = registry.get().filter(isUsable);
}
look();
registry.on("register", look);
registry.on("unregister", look);
// Another tab signed in or out.
window.addEventListener("storage", (event) => {
  if (event.key === KEPT) kept = readKept();
});

// The wallets that can be used here. Empty: none is installed.
export function available(): readonly { name: string; icon: string }[] {
  return wallets;
}

// The address that this page acts for: the connected one, or the one of the last visit.
export function address(): string | undefined {
  return chosen?.account.address ?? kept?.address;
}

// The token that reads this wallet's leases; undefined: not signed in, or it is over.
export function token(): string | undefined {
  if (!kept?.token || (kept.expiresAt && Date.parse(kept.expiresAt) <= Date.now()))
    return undefined;
  return kept.address === address() ? kept.token : undefined;
}

// Connects one of available(), by a click: the wallet asks its owner. Silent: only where it was
// allowed before, and nothing is shown.
export async function connect(name: string, silent = false): Promise<string> {
  const wallet = wallets.find((one) => one.name === name);
  if (!wallet)
    throw declined(
      `There is no wallet named ${name.slice(0, 40)} here.`,
      "Install it, or use another.",
    );
  let accounts: readonly WalletAccount[];
  try {
    ({ accounts } = await wallet.features[StandardConnect].connect(
      silent ? { silent: true } : undefined,
    ));
  } catch {
    throw declined("The wallet did not connect.", "Open it, unlock it, and try again.");
  }
  const account = solanaAccountOf(accounts);
  if (!account) throw declined("The wallet has no Solana account.", "Make one in it.");
  use(wallet, account);
  stopHearing?.();
  stopHearing = wallet.features[StandardEvents]?.on("change", ({ accounts: now }) => {
    if (chosen?.wallet !== wallet || !now) return;
    const next = solanaAccountOf(now);
    if (next) use(wallet, next);
    else chosen = undefined;
  });
  return account.address;
}

function use(wallet: Usable, account: WalletAccount): void {
  chosen = { wallet, account };
  if (kept?.address !== account.address)
    keep({ walletName: wallet.name, address: account.address });
}

// Connects what was connected at the last visit, where the wallet allows it without a question.
export async function reconnect(): Promise<boolean> {
  if (chosen) return true;
  if (!kept) return false;
  // Wallets register when their scripts run, which may be after ours.
  for (
    let tries = 0;
    tries < 20 && !wallets.some((one) => one.name === kept?.walletName);
    ++tries
  ) {
    await new Promise((done) => setTimeout(done, 50));
  }
  const name = kept.walletName;
  return (
    wallets.some((one) => one.name === name) &&
    connect(name, true).then(
      () => chosen !== undefined,
      () => false,
    )
  );
}

// Signs out here and at the market, where whoever has copied the token would still be let in. It is
// forgotten here in any case; a market that does not answer ends it when its time is over.
export async function disconnect(): Promise<void> {
  stopHearing?.();
  stopHearing = undefined;
  const { token, session } = kept ?? {};
  chosen = undefined;
  keep(undefined);
  if (token === undefined || session === undefined) return;
  const path = `/v1/sessions/${encodeURIComponent(session)}`;
  void send(path, { method: "DELETE", token }).catch(() => {});
}

function declined(what: string, action: string): Problem {
  return new Problem("declined", what, action, 0n, 0);
}

async function connected(): Promise<{ wallet: Usable; account: WalletAccount }> {
  if (!chosen && !(await reconnect()))
    throw declined("No wallet is connected.", "Connect one first.");
  if (!chosen) throw declined("No wallet is connected.", "Connect one first.");
  return chosen;
}

// The wallet's signature of these bytes; its owner is asked.
export async function signMessage(message: Uint8Array): Promise<Uint8Array> {
  const { wallet, account } = await connected();
  const [output] = await wallet.features[SolanaSignMessage].signMessage({ account, message }).catch(
    () => {
      throw declined("The wallet did not sign.", "Nothing was sent. Try again when you are ready.");
    },
  );
  if (!output) throw declined("The wallet gave no signature.", "Try another wallet.");
  return new Uint8Array(output.signature);
}

// The whole transaction, signed; its owner is asked. Whoever calls has checked what it does.
export async function signTransaction(transaction: Uint8Array): Promise<Uint8Array> {
  const { wallet, account } = await connected();
  const chain = (await askMarket()).local ? "solana:localnet" : "solana:mainnet";
  const [output] = await wallet.features[SolanaSignTransaction].signTransaction({
    account,
    chain,
    transaction,
  }).catch(() => {
    throw declined(
      "The wallet did not sign.",
      "Nothing was sent and nothing is charged. Pay when you are ready.",
    );
  });
  if (!output) throw declined("The wallet gave no transaction back.", "Try another wallet.");
  return new Uint8Array(output.signedTransaction);
}

// A session for the connected wallet: the one that is kept, or a new one that the wallet signs for.
export async function signIn(): Promise<string> {
  const { account } = await connected();
  const already = token();
  if (already !== undefined) return already;
  const wallet = account.address;
  const [challenge, { market }, { encodeBase58 }] = await Promise.all([
    post<Schemas["Challenge"]>("/v1/sessions/challenge", { wallet }),
    askMarket(),
    part(import("./base58.ts")),
  ]);
  const { host, origin } = location;
  const message = signInText(challenge, { host, origin, wallet, market });
  if (message === undefined)
    throw new Problem("refused", t("signin.other"), t("signin.other.action"), 0n, 0);
  const signature = await signMessage(new TextEncoder().encode(message));
  const made = await post<Schemas["SessionToken"]>("/v1/sessions", {
    wallet,
    message,
    signature: encodeBase58(signature),
    label: "page",
  });
  keep({
    walletName: chosen?.wallet.name ?? "",
    address: wallet,
    token: made.token,
    session: made.session.session,
    expiresAt: made.session.expires_at,
  });
  return made.token;
}

// The market no longer takes the token: it is forgotten, and signIn() makes another.
export function forgetToken(): void {
  if (kept) keep({ walletName: kept.walletName, address: kept.address });
}
