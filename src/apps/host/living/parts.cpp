#include "apps/host/living/parts.hpp"

#include <algorithm>

#include "core/market/terms.hpp"

namespace obelisk::host {

std::vector<LivingLease> living_leases(const std::vector<LeaseRecord>& records) {
  std::vector<LivingLease> out;
  for (const LeaseRecord& record : records) {
    if (record.wish.want == api::Wanted::gone || !record.wish.terms) continue;
    const auto terms = market::read_terms(*record.wish.terms);
    if (!terms) continue;
    LivingLease one{record.wish.lease, terms->cpu_milli, {}, {}};
    for (const market::TermsCard& card : terms->cards) {
      if (terms->card == "cpu") continue;
      one.cards.push_back(card.uuid);
      one.card_memory_bytes.push_back(card.memory_bytes);
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::optional<base::PublicKey> open_renter(const std::vector<LeaseRecord>& records,
                                           const std::vector<api::HostLease>& states,
                                           const base::PublicKey& lease) {
  const auto said = std::ranges::find(states, lease, &api::HostLease::lease);
  const auto at = std::ranges::find_if(
      records, [&](const LeaseRecord& record) { return record.wish.lease == lease; });
  const bool is_open = said != states.end() && said->state == api::HostLeaseState::open &&
                       at != records.end() && at->wish.want == api::Wanted::open &&
                       at->wish.terms.has_value();
  if (!is_open) return std::nullopt;
  const auto terms = market::read_terms(*at->wish.terms);
  return terms ? std::optional(terms->renter) : std::nullopt;
}

Living::Living(const LivingParts& parts)
    : sampler_({parts.containers, parts.clock,
                [&keeper = parts.keeper] { return living_leases(keeper.records()); },
                parts.is_connected, parts.say, parts.cards, parts.ears}),
      answerer_({parts.market, parts.host, parts.containers, parts.clock, sampler_,
                 [&keeper = parts.keeper](const base::PublicKey& lease) {
                   return open_renter(keeper.records(), keeper.states(), lease);
                 },
                 parts.say, parts.drain}) {}

}  // namespace obelisk::host
