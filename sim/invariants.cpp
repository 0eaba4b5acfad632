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

// Logins have to fail for longer than this before anybody is called dark. Block times are whole
// seconds, so what is 60 here may be a little more.
constexpr base::UnixSeconds kDarkAfterS = 60;

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

bool is_over(const Look& look, const base::PublicKey& lease) {
  const auto at = look.store.records().find(lease);
  return at != look.store.records().end() && at->second.life.state == lease::State::ended;
}

// By what runs on the chain and by the machines that hosts have made, whatever cards the market
// believes to be held.
Broken no_card_is_in_two_leases(const Look& look) {
  std::map<ports::HeldCard, base::PublicKey> seen;
  Broken broken;
  const auto take = [&](const base::PublicKey& host, const std::string& uuid,
                        const base::PublicKey& lease) {
    const auto [at, is_new] = seen.try_emplace({host, uuid}, lease);
    if (is_new || at->second == lease || broken) return;
    broken = "card " + uuid + " is in " + at->second.to_string() + " and " + lease.to_string();
  };
  each_lease(look, Commitment::confirmed,
             [&](const auto& address, const auto& lease, std::uint64_t) -> Broken {
               const auto quote = look.store.quotes().find(address);
               if (lease.started_at == 0 || quote == look.store.quotes().end()) return {};
               for (const std::string& uuid : quote->second.card_uuids) {
                 take(quote->second.host, uuid, address);
               }
               return {};
             });
  look.hosts.each_machine([&](const auto& host, const auto& lease, const auto& cards) {
    // One whose lease is over is about to be taken down.
    if (is_over(look, lease)) return;
    for (const std::string& uuid : cards) take(host, uuid, lease);
  });
  return broken;
}

Broken cards_are_held_by_what_lives(const Look& look) {
  for (const auto& [card, lease] : look.store.held()) {
    const auto at = look.store.records().find(lease);
    if (at != look.store.records().end() && at->second.life.state != lease::State::ended) continue;
    return "card " + card.uuid + " is held by " + lease.to_string() + ", which is over";
  }
  return std::nullopt;
}

// Every lease that the chain has or, where it was closed since the last look, had: `see` gets its
// address and its account.
template <class See>
Broken each_started(const Look& look, See see) {
  for (const LedgerBook::Which& which : look.ledger.fresh()) {
    const escrow::Lease& lease = look.ledger.openings().at(which).account;
    if (lease.started_at == 0) continue;
    if (auto broken = see(which.first, lease)) return broken;
  }
  return each_lease(look, Commitment::processed,
                    [&see](const auto& address, const auto& lease, std::uint64_t) -> Broken {
                      return lease.started_at == 0 ? std::nullopt : see(address, lease);
                    });
}

Broken nothing_is_billed_before_ready(const Look& look) {
  return each_started(look, [&look](const auto& address, const auto& lease) -> Broken {
    const auto at = look.stage.truth.find(address);
    if (at != look.stage.truth.end()) {
      for (const base::UnixSeconds check_s : at->second.checks_s) {
        if (check_s >= lease.opened_at - 1 && check_s <= lease.started_at) return std::nullopt;
      }
    }
    return "lease " + address.to_string() + " started and nobody had logged in";
  });
}

Broken only_what_was_quoted_is_served(const Look& look) {
  return each_started(look, [&look](const auto& address, const auto& lease) -> Broken {
    const auto at = look.store.records().find(address);
    if (at == look.store.records().end()) {
      return "lease " + address.to_string() + " was not quoted";
    }
    const auto differs = lease::difference(at->second.quote, lease);
    if (differs.empty()) return std::nullopt;
    return "lease " + address.to_string() + " started; its " + std::string(differs) + " differs";
  });
}

const Truth& truth_of(const Look& look, const base::PublicKey& lease) {
  static const Truth nothing;
  const auto at = look.stage.truth.find(lease);
  return at == look.stage.truth.end() ? nothing : at->second;
}

Broken nothing_is_billed_past_the_last_proof(const Look& look) {
  Broken broken =
      each_lease(look, Commitment::processed,
                 [&look](const auto& address, const auto& lease, std::uint64_t) -> Broken {
                   if (lease.proven_until <= lease.started_at) return std::nullopt;
                   const base::UnixSeconds alive_s = truth_of(look, address).alive_s;
                   if (lease.proven_until <= alive_s) return std::nullopt;
                   return "lease " + address.to_string() + " is proven " +
                          std::to_string(lease.proven_until - alive_s) + " s past its last login";
                 });
  if (broken) return broken;
  for (const LedgerBook::Which& which : look.ledger.fresh()) {
    const Opening& opening = look.ledger.openings().at(which);
    if (!opening.closed || opening.conceded || opening.account.started_at == 0) continue;
    const base::UnixSeconds alive_s = truth_of(look, which.first).alive_s;
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
    if (record.life.attestation->alive_until <= truth_of(look, address).alive_s) continue;
    return "lease " + address.to_string() + " is attested past its last login";
  }
  return std::nullopt;
}

Broken a_host_is_dark_only_if_it_was(const Look& look) {
  for (const auto& [address, record] : look.store.records()) {
    const lease::Life& life = record.life;
    if (life.outcome != lease::Outcome::host_dark || life.closed) continue;
    if (life.state != lease::State::stopping) continue;
    const base::UnixSeconds since = truth_of(look, address).failing_since_s;
    const base::UnixSeconds failing_s = since == 0 ? 0 : look.now_s - since;
    if (failing_s >= kDarkAfterS) continue;
    return "lease " + address.to_string() + " is called dark after " + std::to_string(failing_s) +
           " s without its host";
  }
  return std::nullopt;
}

// Whoever ended it, but a renter who says more by himself than any proof. What was attested while
// the market did not know yet of a contested stop counts up to the stop.
Broken hosts_are_paid_their_last_proof(const Look& look) {
  for (const LedgerBook::Which& which : look.ledger.fresh()) {
    const Opening& opening = look.ledger.openings().at(which);
    if (!opening.closed || opening.conceded || opening.account.started_at == 0) continue;
    base::UnixSeconds given_s = truth_of(look, which.first).given_until_s;
    if (opening.account.state == escrow::State::closing) {
      given_s = std::min(given_s, opening.account.stopped_at);
    }
    if (opening.proven_until_s >= given_s) continue;
    return "lease " + which.first.to_string() + " ended " +
           std::to_string(given_s - opening.proven_until_s) +
           " s before the last proof that its host holds";
  }
  return std::nullopt;
}

Broken records_say_what_the_chain_paid(const Look& look) {
  for (const auto& [address, record] : look.store.records()) {
    const lease::Life& life = record.life;
    if (life.state != lease::State::ended || !life.closed) continue;
    if (life.outcome == lease::Outcome::never_paid) continue;
    const Opening* opening = look.ledger.find(address, life.opened_slot);
    if (opening == nullptr || !opening->closed) {
      if (!look.is_over) continue;  // not final yet
      return "the record of " + address.to_string() + " tells of a close that never was";
    }
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

// Since when all that a record or a machine waits for is there.
base::UnixSeconds free_since_s(const Look& look, const base::PublicKey& address) {
  base::UnixSeconds out = *look.calm_since_s;
  const auto at = look.store.records().find(address);
  if (at == look.store.records().end()) return out;
  const Opening* opening = look.ledger.find(address, at->second.life.opened_slot);
  out = std::max(out, at->second.quote.expires_at_s);
  return opening == nullptr ? out : std::max(out, opening->closed_s);
}

bool is_open(const Look& look, const base::PublicKey& address) {
  const auto& accounts = look.stage.chain.accounts_at(Commitment::finalized);
  const auto at = accounts.find(address);
  return at != accounts.end() && at->second.data.size() == sizeof(escrow::Lease);
}

Broken every_record_ends(const Look& look) {
  if (!look.calm_since_s) return std::nullopt;
  for (const auto& [address, record] : look.store.records()) {
    if (record.life.state == lease::State::ended || is_open(look, address)) continue;
    if (look.now_s <= free_since_s(look, address) + kSettleBoundS) continue;
    return "the record of " + address.to_string() + " stays " +
           std::string(lease::to_string(record.life.state));
  }
  return std::nullopt;
}

Broken every_machine_goes(const Look& look) {
  if (!look.calm_since_s) return std::nullopt;
  Broken broken;
  look.hosts.each_machine([&](const auto&, const auto& lease, const auto&) {
    if (is_open(look, lease)) return;
    if (look.now_s <= free_since_s(look, lease) + kSettleBoundS) return;
    broken = "a machine of " + lease.to_string() + " still runs";
  });
  return broken;
}

bool is_as_quoted(const Look& look, const base::PublicKey& address, const Opening& opening) {
  const auto quote = look.store.quotes().find(address);
  return quote != look.store.quotes().end() &&
         lease::difference(quote->second, opening.account).empty();
}

Broken nothing_paid_is_called_unpaid(const Look& look) {
  for (const auto& [address, record] : look.store.records()) {
    const lease::Life& life = record.life;
    const bool unpaid = life.outcome == lease::Outcome::never_paid;
    if (!unpaid || life.state != lease::State::ended) continue;
    const auto& openings = look.ledger.openings();
    for (auto at = openings.lower_bound({address, 0});
         at != openings.end() && at->first.first == address; ++at) {
      if (!is_as_quoted(look, address, at->second)) continue;
      return "lease " + address.to_string() + " was paid, and its record says that nobody did";
    }
  }
  return std::nullopt;
}

// What is final and as it was quoted belongs to a record that knows of it, whether or not it was
// served. Of several at one address one is served, and the others are nobody's quote any more.
Broken every_payment_has_its_record(const Look& look) {
  if (!look.is_over) return nothing_paid_is_called_unpaid(look);
  std::map<base::PublicKey, bool> known;  // by address: the record is of one of its openings
  for (const auto& [which, opening] : look.ledger.openings()) {
    if (!is_as_quoted(look, which.first, opening)) continue;
    const auto at = look.store.records().find(which.first);
    const bool is_it = at != look.store.records().end() &&
                       at->second.life.opened_slot == which.second &&
                       at->second.life.outcome != lease::Outcome::never_paid;
    if (opening.account.started_at != 0 && !is_it) {
      return "lease " + which.first.to_string() + " was served and no record knows of it";
    }
    known[which.first] = known[which.first] || is_it;
  }
  for (const auto& [address, is_known] : known) {
    if (!is_known) return "lease " + address.to_string() + " was paid and no record knows of it";
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
    Promise{"hosts_are_paid_their_last_proof", "A host is paid all that it holds proof of.",
            hosts_are_paid_their_last_proof},
    Promise{"records_say_what_the_chain_paid", "The market's amounts are the chain's.",
            records_say_what_the_chain_paid},
    Promise{"nothing_paid_is_forgotten", "Once it is calm, no lease keeps money past its time.",
            nothing_paid_is_forgotten},
    Promise{"every_record_ends", "Once it is calm, every record ends.", every_record_ends},
    Promise{"every_machine_goes", "Once it is calm, every machine goes.", every_machine_goes},
    Promise{"every_payment_has_its_record", "What was paid as quoted is on record.",
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
    if (record.life.state != lease::State::ended) return false;
  }
  bool any_machine = false;
  look.hosts.each_machine([&](const auto&, const auto&, const auto&) { any_machine = true; });
  return !any_machine;
}

}  // namespace obelisk::sim
