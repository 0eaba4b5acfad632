#include "sim/invariants.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/escrow/arithmetic.hpp"
#include "core/escrow/codec.hpp"
#include "core/lease/compare.hpp"

namespace obelisk::sim {
namespace {

using Broken = std::optional<std::string>;
using ports::Commitment;

// Every lease account of a state of the chain.
template <class See>
Broken each_lease(const Look& look, Commitment commitment, See see) {
  for (const auto& [address, account] : look.stage.chain.accounts_at(commitment)) {
    if (account.data.size() != sizeof(escrow::Lease)) continue;
    const auto lease = escrow::parse_lease(account.data);
    if (!lease) return "the account " + address.to_string() + " is no lease any more";
    if (auto broken = see(address, *lease, account.lamports.count)) return broken;
  }
  return std::nullopt;
}

Broken lamports_are_conserved(const Look& look) {
  std::uint64_t sum = 0;
  for (const auto& [key, account] : look.stage.chain.accounts_at(Commitment::processed)) {
    sum += account.lamports.count;
  }
  const std::uint64_t minted = look.stage.chain.minted();
  if (sum == minted) return std::nullopt;
  return std::to_string(sum) + " lamports are there; " + std::to_string(minted) + " were minted";
}

Broken a_lease_holds_its_bond(const Look& look) {
  return each_lease(
      look, Commitment::processed,
      [](const auto& address, const auto& lease, std::uint64_t lamports) -> Broken {
        std::uint64_t most = 0;
        const base::UnixSeconds served = lease.proven_until - lease.started_at;
        if (served < 0 || !escrow::earned(lease.rate, static_cast<std::uint64_t>(served), most)) {
          return "lease " + address.to_string() + " was proven before it started";
        }
        if (lease.released > most)
          return "lease " + address.to_string() + " paid more than it proved";
        if (lamports >= escrow::kBondLamports) return std::nullopt;
        return "lease " + address.to_string() + " holds less than its bond";
      });
}

Broken no_card_is_in_two_leases(const Look& look) {
  std::map<ports::HeldCard, base::PublicKey> seen;
  for (const auto& [address, record] : look.store.records()) {
    if (record.life.state == lease::State::ended) continue;
    for (const std::string& uuid : record.quote.card_uuids) {
      const auto [at, is_new] = seen.try_emplace({record.quote.host, uuid}, address);
      if (is_new) continue;
      return "card " + uuid + " is in " + at->second.to_string() + " and " + address.to_string();
    }
  }
  return std::nullopt;
}

Broken cards_are_held_by_what_lives(const Look& look) {
  for (const auto& [card, lease] : look.store.held()) {
    const auto at = look.store.records().find(lease);
    if (at != look.store.records().end() && at->second.life.state != lease::State::ended) continue;
    return "card " + card.uuid + " is held by " + lease.to_string() + ", which is over";
  }
  return std::nullopt;
}

Broken nothing_is_billed_before_ready(const Look& look) {
  return each_lease(look, Commitment::processed,
                    [&look](const auto& address, const auto& lease, std::uint64_t) -> Broken {
                      if (lease.started_at == 0) return std::nullopt;
                      const auto at = look.stage.truth.find(address);
                      if (at != look.stage.truth.end()) {
                        for (const base::UnixSeconds check_s : at->second.checks_s) {
                          if (check_s >= lease.opened_at - 1 && check_s <= lease.started_at)
                            return std::nullopt;
                        }
                      }
                      return "lease " + address.to_string() + " started and nobody had logged in";
                    });
}

Broken only_what_was_quoted_is_served(const Look& look) {
  return each_lease(look, Commitment::processed,
                    [&look](const auto& address, const auto& lease, std::uint64_t) -> Broken {
                      if (lease.started_at == 0) return std::nullopt;
                      const auto at = look.store.records().find(address);
                      if (at == look.store.records().end())
                        return "lease " + address.to_string() + " was not quoted";
                      const auto differs = lease::difference(at->second.quote, lease);
                      if (differs.empty()) return std::nullopt;
                      return "lease " + address.to_string() + " started; its " +
                             std::string(differs) + " differs";
                    });
}

Broken nothing_is_billed_past_the_last_proof(const Look& look) {
  Broken broken = each_lease(
      look, Commitment::processed,
      [&look](const auto& address, const auto& lease, std::uint64_t) -> Broken {
        if (lease.proven_until <= lease.started_at) return std::nullopt;
        const auto at = look.stage.truth.find(address);
        const base::UnixSeconds alive_s = at == look.stage.truth.end() ? 0 : at->second.alive_s;
        if (lease.proven_until <= alive_s) return std::nullopt;
        return "lease " + address.to_string() + " is proven " +
               std::to_string(lease.proven_until - alive_s) + " s past its last login";
      });
  if (broken) return broken;
  for (const auto& [which, opening] : look.ledger.openings()) {
    if (!opening.closed || opening.conceded || opening.account.started_at == 0) continue;
    const auto at = look.stage.truth.find(which.first);
    const base::UnixSeconds alive_s = at == look.stage.truth.end() ? 0 : at->second.alive_s;
    const base::UnixSeconds served =
        std::max(alive_s, opening.account.started_at) - opening.account.started_at;
    std::uint64_t most = 0;
    if (!escrow::earned(opening.account.rate, static_cast<std::uint64_t>(served), most)) continue;
    if (opening.to_host + opening.to_treasury <= most) continue;
    return "lease " + which.first.to_string() + " was paid past its last login";
  }
  return std::nullopt;
}

Broken what_is_attested_was_seen(const Look& look) {
  for (const auto& [address, record] : look.store.records()) {
    if (!record.life.attestation) continue;
    const auto at = look.stage.truth.find(address);
    const base::UnixSeconds alive_s = at == look.stage.truth.end() ? 0 : at->second.alive_s;
    if (record.life.attestation->alive_until <= alive_s) continue;
    return "lease " + address.to_string() + " is attested past its last login";
  }
  return std::nullopt;
}

Broken a_host_is_dark_only_if_it_was(const Look& look) {
  for (const auto& [address, record] : look.store.records()) {
    const lease::Life& life = record.life;
    if (life.outcome != lease::Outcome::host_dark || life.closed) continue;
    if (life.state != lease::State::stopping) continue;
    const auto at = look.stage.truth.find(address);
    const base::UnixSeconds since = at == look.stage.truth.end() ? 0 : at->second.failing_since_s;
    // The watch reads the time before a login, and a login may hang for some seconds.
    if (since != 0 && look.now_s - since > 50) continue;
    return "lease " + address.to_string() + " is called dark, and its host answered";
  }
  return std::nullopt;
}

Broken a_dark_host_is_paid_its_last_proof(const Look& look) {
  for (const auto& [which, opening] : look.ledger.openings()) {
    if (!opening.closed || !opening.stopped_dark) continue;
    const auto at = look.stage.truth.find(which.first);
    if (at == look.stage.truth.end() || opening.proven_until_s >= at->second.given_until_s)
      continue;
    return "lease " + which.first.to_string() + " was stopped " +
           std::to_string(at->second.given_until_s - opening.proven_until_s) +
           " s before its last proof";
  }
  return std::nullopt;
}

Broken records_say_what_the_chain_paid(const Look& look) {
  for (const auto& [address, record] : look.store.records()) {
    const lease::Life& life = record.life;
    if (life.state != lease::State::ended || !life.closed) continue;
    // What was read of a confirmed close does not follow a fork that takes the close back.
    if (look.stage.taken_back.contains(address)) continue;
    const Opening* opening = look.ledger.find(address, life.opened_slot);
    if (opening == nullptr || !opening->closed) continue;  // not final yet
    const auto says = [](const std::optional<base::Lamports>& amount, std::uint64_t paid) {
      return amount && amount->count == paid;
    };
    if (says(life.host_lamports, opening->to_host) &&
        says(life.fee_lamports, opening->to_treasury) &&
        says(life.refunded_lamports, opening->to_renter)) {
      continue;
    }
    const auto text = [](const std::optional<base::Lamports>& amount) {
      return amount ? std::to_string(amount->count) : std::string("nothing");
    };
    return "the record of " + address.to_string() + " says host " + text(life.host_lamports) +
           ", fee " + text(life.fee_lamports) + ", back " + text(life.refunded_lamports) +
           "; the chain paid " + std::to_string(opening->to_host) + ", " +
           std::to_string(opening->to_treasury) + ", " + std::to_string(opening->to_renter);
  }
  return std::nullopt;
}

// When whatever holds this money can be over at the latest.
base::UnixSeconds due_s(const escrow::Lease& lease) {
  switch (lease.state) {
    case escrow::State::closed: return 0;
    case escrow::State::funded: return lease.opened_at + lease.ready_deadline_s;
    case escrow::State::active: return lease.started_at + lease.seconds;
    case escrow::State::closing: return lease.window_ends;
  }
  return 0;
}

Broken nothing_paid_is_forgotten(const Look& look) {
  if (!look.calm_since_s) return std::nullopt;
  const base::UnixSeconds calm_s = *look.calm_since_s;
  return each_lease(look, Commitment::finalized,
                    [&](const auto& address, const auto& lease, std::uint64_t) -> Broken {
                      const base::UnixSeconds late =
                          look.now_s - std::max(due_s(lease), calm_s) - kSettleBoundS;
                      if (late <= 0) return std::nullopt;
                      return "the money of lease " + address.to_string() + " waits in state " +
                             std::to_string(static_cast<int>(lease.state));
                    });
}

Broken everything_settles(const Look& look) {
  if (!look.calm_since_s) return std::nullopt;
  for (const auto& [address, record] : look.store.records()) {
    const lease::Life& life = record.life;
    const bool over = life.state == lease::State::ended;
    const auto& accounts = look.stage.chain.accounts_at(Commitment::finalized);
    const auto at = accounts.find(address);
    if (at != accounts.end() && at->second.data.size() == sizeof(escrow::Lease)) continue;
    const Opening* opening = look.ledger.find(address, life.opened_slot);
    const base::UnixSeconds from =
        std::max({*look.calm_since_s, record.quote.expires_at_s,
                  opening == nullptr ? base::UnixSeconds{0} : opening->closed_s});
    if (look.now_s <= from + kSettleBoundS) continue;
    if (!over) {
      return "the record of " + address.to_string() + " stays " +
             std::string(lease::to_string(life.state));
    }
    if (look.hosts.is_kept(address)) return "a machine of " + address.to_string() + " still runs";
  }
  return std::nullopt;
}

// A payment that is final and as quoted belongs to a record that knows of it.
Broken every_payment_has_its_record(const Look& look) {
  if (!look.calm_since_s) return std::nullopt;
  for (const auto& [which, opening] : look.ledger.openings()) {
    if (opening.account.started_at == 0) continue;
    const auto at = look.store.records().find(which.first);
    if (at != look.store.records().end() && at->second.life.opened_slot == which.second) continue;
    return "lease " + which.first.to_string() + " was served and no record knows of it";
  }
  return std::nullopt;
}

constexpr std::array kPromises{
    Promise{"lamports_are_conserved", "No lamport appears or vanishes.", lamports_are_conserved},
    Promise{"a_lease_holds_its_bond",
            "Until it is closed a lease holds its bond and paid no more than was proven.",
            a_lease_holds_its_bond},
    Promise{"no_card_is_in_two_leases", "No card is in two leases.", no_card_is_in_two_leases},
    Promise{"cards_are_held_by_what_lives", "A lease that is over holds no card.",
            cards_are_held_by_what_lives},
    Promise{"nothing_is_billed_before_ready",
            "The meter starts only after a login that saw the cards.",
            nothing_is_billed_before_ready},
    Promise{"only_what_was_quoted_is_served", "The meter starts only for what was quoted.",
            only_what_was_quoted_is_served},
    Promise{"nothing_is_billed_past_the_last_proof",
            "No host is paid past the last login that worked, unless the renter says so.",
            nothing_is_billed_past_the_last_proof},
    Promise{"what_is_attested_was_seen", "No attestation reaches past the last login.",
            what_is_attested_was_seen},
    Promise{"a_host_is_dark_only_if_it_was",
            "A host is called dark only after more than 60 s without a login that could work.",
            a_host_is_dark_only_if_it_was},
    Promise{"a_dark_host_is_paid_its_last_proof", "A dark host is paid all that it holds proof of.",
            a_dark_host_is_paid_its_last_proof},
    Promise{"records_say_what_the_chain_paid", "The market's amounts are the chain's.",
            records_say_what_the_chain_paid},
    Promise{"nothing_paid_is_forgotten", "Once it is calm, no lease keeps money past its time.",
            nothing_paid_is_forgotten},
    Promise{"everything_settles", "Once it is calm, every record ends and every machine is gone.",
            everything_settles},
    Promise{"every_payment_has_its_record", "What was served is on record.",
            every_payment_has_its_record},
};

}  // namespace

std::span<const Promise> promises() { return kPromises; }

bool is_settled(const Look& look) {
  for (const Commitment commitment : {Commitment::processed, Commitment::finalized}) {
    if (each_lease(look, commitment,
                   [](const auto&, const auto&, std::uint64_t) -> Broken { return "open"; })) {
      return false;
    }
  }
  for (const auto& [address, record] : look.store.records()) {
    if (record.life.state != lease::State::ended || look.hosts.is_kept(address)) return false;
  }
  return true;
}

}  // namespace obelisk::sim
