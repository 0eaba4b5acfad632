// Which of a wallet's accounts pays here. A wallet of several chains lists them all together, and
// its first one may be of another chain.
import type { WalletAccount } from "@wallet-standard/base";

export function solanaAccountOf(accounts: readonly WalletAccount[]): WalletAccount | undefined {
  return accounts.find((one) => one.chains.some((chain) => chain.startsWith("solana:")));
}
