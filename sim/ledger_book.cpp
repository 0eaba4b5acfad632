#include "sim/ledger_book.hpp"

#include <algorithm>

#include "core/escrow/codec.hpp"
#include "core/index/log_reader.hpp"

namespace obelisk::sim {

const Opening* LedgerBook::find(const base::PublicKey& lease, std::uint64_t opened_slot) const {
  const auto at = openings_.find({lease, opened_slot});
  return at == openings_.end() ? nullptr : &at->second;
}

void LedgerBook::read_on(std::vector<Wrong>& wrong) {
  fresh_.clear();
  for (; read_ < chain_.final_count(); ++read_) take(chain_.landed()[read_], wrong);
}

void LedgerBook::take(const fake::Cluster::Landed& landed, std::vector<Wrong>& wrong) {
  if (landed.record.error) return;
  std::map<base::PublicKey, std::uint64_t> out;  // of each lease, in this transaction
  const auto events = index::events_in(landed.record.logs, program_);
  for (const escrow::Event& event : events) {
    const base::PublicKey lease = escrow::to_public_key(event.lease);
    const auto after = landed.after.find(lease);
    if (event.tag == escrow::Tag::open) open_now_[lease] = landed.record.slot;
    Opening& opening = openings_[{lease, open_now_[lease]}];
    fresh_.insert({lease, open_now_[lease]});
    if (after != landed.after.end()) {
      if (const auto account = escrow::parse_lease(after->second.data)) opening.account = *account;
    }
    opening.to_host += event.to_host;
    opening.to_treasury += event.to_treasury;
    opening.to_renter += event.to_renter;
    opening.proven_until_s = event.proven_until;
    out[lease] += event.to_host + event.to_treasury + event.to_renter;
    const bool closes = event.state == escrow::State::closed;
    if (event.tag == escrow::Tag::stop) {
      const base::PublicKey attestor = escrow::to_public_key(opening.account.attestor);
      const base::PublicKey renter = escrow::to_public_key(opening.account.renter);
      const auto& payer = landed.keys.front();
      opening.stopped_dark = opening.stopped_dark || payer == attestor;
      opening.conceded = closes && payer == renter;
    }
    if (!closes) continue;
    opening.closed = true;
    opening.closed_s = landed.record.block_time.value_or(0);
  }
  // What an address holds grows by what was paid in and shrinks by what its events say.
  for (const auto& [key, account] : landed.after) {
    const std::uint64_t before = held_before_[key];
    const std::uint64_t now = account.lamports.count;
    held_before_[key] = now;
    if (!open_now_.contains(key)) continue;
    Opening& opening = openings_[{key, open_now_[key]}];
    // A gift before the first `open` lies there already.
    if (opening.paid_in == 0) opening.paid_in = before;
    const std::uint64_t paid_out = out.contains(key) ? out[key] : 0;
    opening.paid_in += now + paid_out - before;
  }
  for (const auto& [lease, amount] : out) {
    const Opening& opening = openings_[{lease, open_now_[lease]}];
    const std::uint64_t all = opening.to_host + opening.to_treasury + opening.to_renter;
    if (opening.closed && all != opening.paid_in) {
      wrong.push_back({"lamports_are_conserved", "lease " + lease.to_string() + " took in " +
                                                     std::to_string(opening.paid_in) +
                                                     " lamports and paid out " +
                                                     std::to_string(all)});
    }
  }
}

}  // namespace obelisk::sim
