#include "apps/host/claim/held.hpp"

#include <algorithm>
#include <map>

#include "adapters/files/files.hpp"
#include "apps/host/records.hpp"
#include "core/escrow/codec.hpp"
#include "core/escrow/instructions.hpp"
#include "core/market/terms.hpp"

namespace obelisk::host {
namespace {

constexpr std::size_t kAtOnce = 100;
constexpr std::size_t kMostBytes = 4096;
constexpr std::string_view kSuffix = ".attestation.json";

bool is_newer(const api::Attestation& a, const api::Attestation& b) {
  return std::pair(a.opened_slot, a.alive_until) > std::pair(b.opened_slot, b.alive_until);
}

void keep_newest(std::map<base::PublicKey, Held>& all, Held held) {
  if (held.attestation.alive_until > INT64_MAX) return;
  const auto [at, is_new] = all.try_emplace(held.lease, held);
  if (is_new) return;
  if (is_newer(held.attestation, at->second.attestation)) {
    at->second.attestation = held.attestation;
  }
  if (at->second.card.empty()) at->second.card = held.card;
}

std::optional<Claim> claim_of(const base::PublicKey& program, const base::PublicKey& wallet,
                              const Held& held, const std::optional<ports::Account>& account,
                              base::UnixSeconds now_s) {
  if (!account || account->owner != program) return std::nullopt;
  const auto lease = escrow::parse_lease(account->data);
  if (!lease || escrow::to_public_key(lease->host) != wallet) return std::nullopt;
  const auto alive_until = static_cast<std::int64_t>(held.attestation.alive_until);
  const settlement::Proof proof{escrow::to_public_key(lease->attestor),
                                {program, held.lease, held.attestation.opened_slot, alive_until},
                                held.attestation.signature};
  if (proof.fields.opened_slot != lease->opened_slot || !settlement::is_valid(proof)) {
    return std::nullopt;
  }
  const auto what = claimable(*lease, account->lamports, alive_until, now_s);
  if (!what) return std::nullopt;
  return Claim{held, *lease, proof, *what};
}

}  // namespace

std::vector<Held> held_attestations(const std::filesystem::path& state_dir) {
  const auto dir = state_dir / "leases";
  std::map<base::PublicKey, Held> all;
  std::vector<std::string> damaged;
  for (const auto& [lease, record] : Records(dir).look(damaged)) {
    if (!record.attestation) continue;
    const auto terms = market::read_terms(record.wish.terms.value_or(""));
    keep_newest(all, {lease, terms ? terms->card : "", *record.attestation});
  }
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    const auto lease = base::PublicKey::parse(name.substr(0, name.size() - kSuffix.size()));
    const auto text = files::read_bounded(entry.path(), kMostBytes);
    if (!lease || !text) continue;
    if (const auto read = api::attestation_from_json(*text)) keep_newest(all, {*lease, "", *read});
  }
  std::vector<Held> out;
  for (auto& [lease, held] : all) out.push_back(std::move(held));
  return out;
}

base::Result<std::vector<Claim>> claims_of(ports::Chain& chain, const base::PublicKey& program,
                                           const base::PublicKey& wallet,
                                           const std::vector<Held>& held) {
  std::vector<Claim> out;
  if (held.empty()) return out;
  TRY(const ports::ChainTime now, chain.now(ports::Commitment::confirmed));
  for (std::size_t from = 0; from < held.size(); from += kAtOnce) {
    const std::size_t end = std::min(held.size(), from + kAtOnce);
    std::vector<base::PublicKey> leases;
    for (std::size_t i = from; i < end; ++i) leases.push_back(held[i].lease);
    TRY(const auto accounts, chain.accounts(leases, ports::Commitment::confirmed));
    for (std::size_t i = from; i < end && i - from < accounts.size(); ++i) {
      auto claim = claim_of(program, wallet, held[i], accounts[i - from].account, now.unix_s);
      if (claim) out.push_back(*std::move(claim));
    }
  }
  return out;
}

}  // namespace obelisk::host
