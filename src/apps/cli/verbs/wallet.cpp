// obelisk wallet: the key that pays, its balance, and play money where there is a faucet.
#include <algorithm>
#include <chrono>
#include <thread>

#include "adapters/keyfile/keyfile.hpp"
#include "apps/cli/text/table.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr int kAirdropTries = 150;
constexpr std::chrono::milliseconds kAirdropPause{200};

base::Result<base::Lamports> balance(Session& session, const base::PublicKey& key) {
  TRY(ports::Chain * chain, session.chain());
  TRY(const ports::AccountAt found, chain->account(key, ports::Commitment::confirmed));
  return found.account ? found.account->lamports : base::Lamports{};
}

base::Result<void> await_airdrop(Session& session, const base::Signature& signature) {
  TRY(ports::Chain * chain, session.chain());
  for (int tries = 0; tries < kAirdropTries; ++tries) {
    TRY(const auto statuses, chain->statuses({signature}, ports::Search::recent));
    if (!statuses.found.empty() && statuses.found[0]) {
      if (statuses.found[0]->error) {
        return Error{Code::rejected_on_chain, "The faucet's transaction failed.", "Try again."};
      }
      if (statuses.found[0]->commitment >= ports::Commitment::confirmed) return {};
    }
    std::this_thread::sleep_for(kAirdropPause);
  }
  return Error{Code::timeout, "The faucet's transaction did not arrive in 30 s.",
               "Look again: obelisk wallet show"};
}

}  // namespace

base::Result<void> wallet_new(Session& session, const WalletNewOptions& options) {
  const std::string file = options.out.value_or(session.settings().keypair_file);
  auto made = keyfile::create_keypair(file);
  if (!made && made.error().code == Code::conflict) {
    // Nothing was looked for: the command names a file it cannot have.
    return Error{Code::usage, made.error().message, made.error().action};
  }
  TRY(const base::Keypair keypair, std::move(made));
  const std::string address = keypair.public_key().to_string();
  session.out().lines(pairs({{"address", address}, {"key file", file}}));
  session.out().line("Whoever has this file has the money. Keep a copy of it where nobody looks.");
  session.out().result(base::JsonLine().text("address", address).text("keypair", file).done());
  return {};
}

base::Result<void> wallet_show(Session& session) {
  TRY(ports::Signer * wallet, session.wallet());
  const base::PublicKey key = wallet->public_key();
  TRY(const base::Lamports lamports, balance(session, key));
  const Settings& settings = session.settings();
  std::string nodes;
  for (const std::string& url : settings.rpc_urls) nodes += (nodes.empty() ? "" : ",") + url;
  session.out().lines(pairs({{"address", key.to_string()},
                             {"balance", base::to_sol_text(lamports)},
                             {"key file", settings.keypair_file},
                             {"network", nodes}}));
  session.out().result(base::JsonLine()
                           .key("address", key)
                           .lamports("lamports", lamports)
                           .text("keypair", settings.keypair_file)
                           .text("rpc", nodes)
                           .done());
  return {};
}

base::Result<void> wallet_airdrop(Session& session, const WalletAirdropOptions& options) {
  TRY(const base::Lamports amount, read_sol("The amount", options.sol));
  const auto& urls = session.settings().rpc_urls;
  if (std::any_of(urls.begin(), urls.end(), solana_rpc::names_mainnet)) {
    return Error{Code::refused, "Mainnet gives nothing away.",
                 "Buy SOL, or use a test network: --rpc-url devnet"};
  }
  TRY(ports::Signer * wallet, session.wallet());
  TRY(ports::Chain * chain, session.chain());
  TRY(const base::Signature signature, chain->airdrop(wallet->public_key(), amount));
  TRY_VOID(await_airdrop(session, signature));
  TRY(const base::Lamports lamports, balance(session, wallet->public_key()));
  session.out().line(base::to_sol_text(amount) + " arrived. The wallet holds " +
                     base::to_sol_text(lamports) + ".");
  session.out().result(base::JsonLine()
                           .key("address", wallet->public_key())
                           .lamports("lamports", lamports)
                           .signature("signature", signature)
                           .done());
  return {};
}

}  // namespace obelisk::cli
