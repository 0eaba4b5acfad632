#include "apps/host/admission.hpp"

#include <algorithm>

#include "core/cards/catalogue.hpp"
#include "core/escrow/codec.hpp"
#include "core/market/ssh_fingerprint.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

constexpr std::uint32_t kMaxProcesses = 4096;

Error refuse(const std::string& why) {
  return {Code::refused, why, "The renter's money comes back by itself; nothing is owed."};
}

// The account is ours, is this lease, and carries exactly what the terms say.
base::Result<escrow::Lease> read_lease(const Ground& ground, const market::Terms& terms,
                                       const base::Hash& hash,
                                       const std::optional<ports::Account>& account) {
  if (!account || account->owner != ground.program) {
    return Error{Code::not_found, "The lease is not on chain.", "Wait for its payment."};
  }
  const auto lease = escrow::parse_lease(account->data);
  if (!lease) return refuse("The account on chain is not a lease.");
  const bool same = escrow::to_public_key(lease->renter) == terms.renter &&
                    escrow::to_public_key(lease->host) == terms.host &&
                    escrow::to_public_key(lease->market) == terms.market &&
                    escrow::to_public_key(lease->attestor) == terms.attestor &&
                    escrow::to_hash(lease->terms_hash) == hash && lease->nonce == terms.nonce &&
                    lease->rate == terms.lamports_per_hour && lease->fee_bps == terms.fee_bps &&
                    lease->max_seconds == terms.max_seconds && lease->seconds >= terms.seconds;
  if (!same) return refuse("The lease on chain is not what the quote says.");
  return *lease;
}

base::Result<void> check_cards(const Ground& ground, const market::Terms& terms,
                               const std::set<std::string>& cards_in_use) {
  std::set<std::string> asked;
  for (const market::TermsCard& card : terms.cards) {
    const auto& mine = ground.listing.cards;
    const bool listed = std::any_of(mine.begin(), mine.end(), [&](const api::ListedCard& own) {
      return own.uuid == card.uuid && own.card == terms.card;
    });
    if (!listed) return refuse("This host has no card " + card.uuid + ".");
    if (cards_in_use.contains(card.uuid) || !asked.insert(card.uuid).second) {
      return refuse("The card " + card.uuid + " is in use.");
    }
  }
  return {};
}

// The template is what the renter asked for; which image that is, is this host's own word.
base::Result<void> check_image(const api::Listing& listing, const market::Terms& terms) {
  const auto at = std::ranges::find(listing.images, terms.image, &api::ListedImage::digest);
  if (at == listing.images.end()) return refuse("This host does not have that image.");
  if (!terms.template_name.empty() && at->template_ != terms.template_name) {
    return refuse("This image of the host's was not made from that template.");
  }
  return {};
}

// The attestor's key signs quotes; it must not be able to rent a host below its price, or more of
// it than was listed.
base::Result<void> check_bargain(const Ground& ground, const market::Terms& terms) {
  const api::Listing& listing = ground.listing;
  const auto count = static_cast<std::uint32_t>(terms.cards.size());
  const market::Ask ask{listing.micro_usd_per_hour, listing.micro_usd_per_gb_month, count,
                        terms.disk_bytes};
  TRY(const market::Rate asked, market::rate_for(ask, terms.micro_usd_per_sol));
  if (terms.lamports_per_hour < asked.lamports_per_hour) {
    return refuse("The quote is below this host's price.");
  }
  const auto all = static_cast<std::uint64_t>(std::max<std::size_t>(listing.cards.size(), 1));
  const bool fits = terms.max_seconds <= listing.max_seconds &&
                    terms.disk_bytes <= listing.disk_bytes_max / all * count &&
                    terms.ram_bytes <= listing.ram_bytes / all * count &&
                    terms.cpu_milli <= listing.cpu_milli / all * count;
  if (terms.seconds < listing.min_seconds.value_or(0)) {
    return refuse("The quote is for less time than this host rents for.");
  }
  if (!fits) return refuse("The quote promises more of this machine than it offers.");
  return {};
}

}  // namespace

ports::ContainerSpec container_for(const market::Terms& terms, const base::PublicKey& lease) {
  ports::ContainerSpec spec;
  spec.lease = lease.to_string();
  spec.image_digest = terms.image;
  const bool real = terms.card != cards::kCpuId && !terms.simulated;
  for (const market::TermsCard& card : terms.cards) {
    if (real) spec.gpu_uuids.push_back(card.uuid);
  }
  spec.disk_bytes = terms.disk_bytes;
  spec.memory_bytes = terms.ram_bytes;
  spec.cpu_milli = terms.cpu_milli;
  spec.max_processes = kMaxProcesses;
  return spec;
}

base::Result<Admitted> admit(const Ground& ground, const api::MarketLease& wish,
                             const std::optional<ports::Account>& account,
                             const std::set<std::string>& cards_in_use) {
  if (!wish.terms || !wish.quote_signature || !wish.ssh_key) {
    return refuse("The market named no terms for this lease.");
  }
  TRY(const market::Terms terms, market::read_terms(*wish.terms));
  if (terms.host != ground.host || terms.market != ground.market ||
      terms.program != ground.program) {
    return refuse("These terms are for another host or market.");
  }
  if (!market::verify_quote(*wish.terms, terms.attestor, *wish.quote_signature)) {
    return refuse("The quote's signature is not the attestor's.");
  }
  if (market::ssh_fingerprint(*wish.ssh_key) != terms.ssh_key) {
    return refuse("The SSH key is not the one the renter signed for.");
  }
  TRY_VOID(check_image(ground.listing, terms));
  if (terms.simulated != ground.listing.simulated) return refuse("The terms hide a simulation.");
  TRY(const escrow::Lease lease,
      read_lease(ground, terms, market::terms_hash(*wish.terms), account));
  TRY_VOID(check_bargain(ground, terms));
  TRY_VOID(check_cards(ground, terms, cards_in_use));
  return Admitted{terms, lease, container_for(terms, wish.lease)};
}

}  // namespace obelisk::host
