/** The methods that read accounts. */
import { accountFilter, accountJson, accountStyle } from "./account_json.mjs";
import { address, config, flag, integer, list, viewSlot, withContext } from "./params.mjs";

const kManyLimit = 100;
const kLargestAccount = 10 * 1024 * 1024;

/** @param {import("../node.mjs").Node} ledger */
export function accountMethods(ledger) {
  const show = (key, slot, style) => {
    const account = ledger.account(key, slot);
    return account === null ? null : accountJson(account, style);
  };
  return {
    getBalance([key, options]) {
      const slot = viewSlot(ledger, config(options));
      return withContext(slot, ledger.account(address(key), slot)?.lamports ?? 0n);
    },
    getAccountInfo([key, options]) {
      const settings = config(options);
      const slot = viewSlot(ledger, settings);
      return withContext(slot, show(address(key), slot, accountStyle(settings)));
    },
    getMultipleAccounts([keys, options]) {
      const settings = config(options);
      const slot = viewSlot(ledger, settings);
      const style = accountStyle({ encoding: "base64", ...settings });
      const wanted = list(keys, kManyLimit, "the list of addresses").map((key) => address(key));
      return withContext(slot, wanted.map((key) => show(key, slot, style)));
    },
    getProgramAccounts([program, options]) {
      const settings = config(options);
      const slot = viewSlot(ledger, settings);
      const style = accountStyle(settings);
      const matches = accountFilter(settings.filters);
      const found = ledger.programAccounts(address(program), slot)
        .filter(({ account }) => matches(account))
        .sort((a, b) => (a.address < b.address ? -1 : 1))
        .map((entry) => ({ pubkey: entry.address, account: accountJson(entry.account, style) }));
      return flag(settings.withContext, "withContext") ? withContext(slot, found) : found;
    },
    getMinimumBalanceForRentExemption([bytes]) {
      return ledger.minimumBalance(integer(bytes, { name: "the size", max: kLargestAccount }));
    },
  };
}
