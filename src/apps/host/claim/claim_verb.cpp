#include "apps/host/claim/claim_verb.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "adapters/clock/system_clock.hpp"
#include "adapters/keyfile/keyfile_signer.hpp"
#include "adapters/solana/check_cluster.hpp"
#include "adapters/solana/sender.hpp"
#include "apps/host/claim/held.hpp"
#include "apps/host/earnings/chain_payments.hpp"
#include "apps/host/market_ask.hpp"
#include "base/canonical_json.hpp"
#include "core/escrow/error_text.hpp"
#include "core/solana/fee.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

// Of the transaction and of the proof in it.
constexpr std::uint64_t kFeeLamports = 2 * 5'000;
constexpr std::int64_t kSendTimeoutMs = 60'000;

struct Wallets {
  std::unique_ptr<keyfile::KeyfileSigner> wallet;
  std::unique_ptr<keyfile::KeyfileSigner> fees;  // null: the wallet pays them
  ports::Signer& payer() { return fees ? *fees : *wallet; }
};

base::Result<Wallets> open_wallets(const Config& config) {
  Wallets out;
  TRY(out.wallet, keyfile::KeyfileSigner::open(config.keypair.string()));
  if (config.fee_keypair.empty()) return out;
  TRY(out.fees, keyfile::KeyfileSigner::open(config.fee_keypair.string()));
  return out;
}

// What was asked for of what is held.
base::Result<std::vector<Held>> chosen(const Asked& asked) {
  std::vector<Held> held = held_attestations(asked.config.state_dir);
  if (asked.lease.empty()) return held;
  const auto lease = base::PublicKey::parse(asked.lease);
  std::erase_if(held, [&](const Held& one) { return !lease || one.lease != *lease; });
  if (!held.empty()) return held;
  return Error{Code::not_found,
               "This host holds no attestation of '" + asked.lease.substr(0, 60) + "'.",
               "The leases that it serves: obelisk-host status"};
}

base::Lamports sum_of(const std::vector<Claim>& claims) {
  base::Lamports out;
  for (const Claim& claim : claims) out.count += claim.what.to_host.count;
  return out;
}

void say_what(const std::vector<Claim>& claims) {
  for (const Claim& claim : claims) {
    std::printf("  %s  %s, after %s of the market's fee; proven until %s%s\n",
                claim.held.lease.to_string().c_str(), base::to_sol_text(claim.what.to_host).c_str(),
                base::to_sol_text(claim.what.market_fee).c_str(),
                base::to_rfc3339_seconds(claim.what.proven_until_s).c_str(),
                claim.what.closes ? "; it closes with it" : "");
  }
  const base::Lamports fees{claims.size() * kFeeLamports};
  std::printf("Pays %s to this host. Network fees: %s, and priority fees where others pay them.\n",
              base::to_sol_text(sum_of(claims)).c_str(), base::to_sol_text(fees).c_str());
  if (sum_of(claims) <= fees) {
    std::printf(
        "That costs as much as it brings. A running host has it paid by itself at the end.\n");
  }
}

base::Result<void> agree(bool yes) {
  if (yes) return {};
  if (::isatty(STDIN_FILENO) == 0) {
    return Error{Code::declined, "Nobody can be asked, so nothing was signed.",
                 "Repeat with --yes if you agree."};
  }
  std::printf("Claim it? [y/N] ");
  std::fflush(stdout);
  char answer[16] = {};
  const bool got = std::fgets(answer, sizeof answer, stdin) != nullptr;
  const std::string text = got ? answer : "";
  if (text == "y\n" || text == "Y\n" || text == "yes\n") return {};
  return Error{Code::declined, "You said no, so nothing was signed.", ""};
}

// Its signature, once it is confirmed.
base::Result<base::Signature> send(ports::Chain& chain, ports::Clock& clock, Wallets& wallets,
                                   const base::PublicKey& program, const Claim& claim,
                                   const solana::FeeLimits& fees) {
  solana_rpc::Payment payment;
  payment.payer = wallets.payer().public_key();
  const auto accounts = escrow::accounts_of(claim.held.lease, claim.lease);
  for (const auto& call : settlement::claim_calls(program, accounts, claim.proof)) {
    payment.instructions.push_back(settlement::to_instruction(call));
  }
  payment.sign = [&](solana::Transaction& transaction) {
    return solana::sign(transaction, wallets.payer());
  };
  payment.units = settlement::kClaimUnits;
  solana_rpc::DeliverOptions options;
  options.fees = fees;
  options.limits.timeout_ms = kSendTimeoutMs;
  TRY(const auto landed, solana_rpc::deliver(chain, clock, payment, options));
  if (!landed.status.error) return landed.signature;
  const auto* why = landed.status.custom ? escrow::error_text(*landed.status.custom) : nullptr;
  return Error{Code::rejected_on_chain,
               why == nullptr ? "The program refuses this claim." : std::string(why->meaning),
               why == nullptr ? "Look at it: obelisk-host status" : std::string(why->action),
               landed.fee.count};
}

struct Paid {
  Claim claim;
  base::Signature signature;
  std::optional<base::Lamports> lamports;  // nothing: the node does not show the transaction yet
};

// What it paid in fact: another claim may have come first. A node shows a confirmed transaction
// within a moment.
std::optional<base::Lamports> paid_by(ports::Chain& chain, const base::PublicKey& program,
                                      const base::PublicKey& wallet,
                                      const base::Signature& signature) {
  using namespace std::chrono_literals;
  for (int look = 0; look < 20; ++look) {
    const auto record = chain.transaction(signature);
    if (record && *record) {
      const ChainPayments found = payments_in(**record, program, wallet);
      if (found.unclear > 0) return std::nullopt;
      base::Lamports sum;
      for (const Payment& payment : found.payments) sum.count += payment.to_host.count;
      return sum;
    }
    std::this_thread::sleep_for(200ms);
  }
  return std::nullopt;
}

void say_paid(const Paid& paid) {
  const std::string lease = paid.claim.held.lease.to_string();
  const std::string words = paid.lamports ? "Claimed " + base::to_sol_text(*paid.lamports)
                                          : "Claimed, and the node does not show how much yet,";
  std::printf("%s of %s\n  %s\n", words.c_str(), lease.c_str(), paid.signature.to_string().c_str());
}

// {claimed_lamports, claims[{lease, lamports, proven_until, signature}]}; lamports are absent where
// the node did not show the transaction.
std::string to_json(const std::vector<Paid>& done) {
  using base::CanonicalJson;
  CanonicalJson::Array rows;
  base::Lamports sum;
  for (const Paid& paid : done) {
    CanonicalJson::Object row{
        {"lease", paid.claim.held.lease.to_string()},
        {"proven_until", base::to_rfc3339_seconds(paid.claim.what.proven_until_s)},
        {"signature", paid.signature.to_string()}};
    if (paid.lamports) {
      sum.count += paid.lamports->count;
      row.emplace("lamports", base::to_decimal(*paid.lamports));
    }
    rows.emplace_back(std::move(row));
  }
  return CanonicalJson(CanonicalJson::Object{{"claimed_lamports", base::to_decimal(sum)},
                                             {"claims", std::move(rows)}})
      .text();
}

}  // namespace

base::Result<void> claim(const Asked& asked) {
  const Config& config = asked.config;
  TRY(Wallets wallets, open_wallets(config));
  TRY(const auto fees, solana::fee_limits_from(config.fee_price, config.fee_most));
  TRY(const base::PublicKey program, which_program(config));
  TRY(const auto held, chosen(asked));
  clock::SystemClock clock;
  TRY(const auto chain,
      solana_rpc::open_checked_chain(config.rpc_url, config.ws_url, config.mainnet, clock));
  TRY(const auto claims, claims_of(*chain, program, wallets.wallet->public_key(), held));
  std::vector<Paid> done;
  if (claims.empty()) {
    std::printf("%s\n", asked.json ? to_json(done).c_str()
                                   : "Nothing to claim: what is proven is paid already.");
    return {};
  }
  if (!asked.json) say_what(claims);
  TRY_VOID(agree(asked.yes));
  for (const Claim& one : claims) {
    TRY(const base::Signature signature, send(*chain, clock, wallets, program, one, fees));
    done.push_back(
        {one, signature, paid_by(*chain, program, wallets.wallet->public_key(), signature)});
    if (!asked.json) say_paid(done.back());
  }
  if (asked.json) std::printf("%s\n", to_json(done).c_str());
  return {};
}

}  // namespace obelisk::host
