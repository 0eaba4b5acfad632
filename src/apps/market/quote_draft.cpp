#include "apps/market/quote_draft.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "core/cards/catalogue.hpp"
#include "core/escrow/codec.hpp"
#include "core/market/ssh_fingerprint.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::market_app {
namespace {

std::string card_name(std::string_view id) {
  const auto* card = cards::find_card(id);
  return std::string(card != nullptr ? card->name : id);
}

base::Result<market::Terms> make_terms(const QuoteInputs& in) {
  const std::size_t count = in.request.count.value_or(1);
  CHECK(count >= 1 && in.offer.free.size() >= count);
  market::Terms terms;
  terms.program = in.program;
  terms.market = in.market;
  terms.market_rev = in.account.rev;
  terms.attestor = escrow::to_public_key(in.account.attestor);
  terms.renter = in.request.renter;
  terms.host = in.offer.host;
  terms.nonce = in.nonce;
  terms.expires_at = in.chain_now_s + kQuoteLifeS;
  terms.offer = in.offer.id;
  terms.card = in.offer.card;
  for (std::size_t i = 0; i < count; ++i) {
    const market::ListedCard& card = in.offer.free[i];
    terms.cards.push_back({card.uuid, card.memory_bytes, card.proven_bytes});
  }
  terms.simulated = in.offer.simulated;
  const auto* image = market::find_image(in.offer.images, wanted_image(in.request));
  CHECK(image != nullptr);  // the offer was searched for with it
  terms.image = image->digest;
  terms.template_name = in.request.template_.value_or("");
  terms.disk_bytes = in.request.disk_bytes.value_or(default_disk(in.offer.disk_bytes_max, count));
  terms.ram_bytes = in.offer.ram_bytes * count;
  terms.cpu_milli = in.offer.cpu_milli * static_cast<std::uint32_t>(count);
  terms.ports = {market::kSshPort};
  terms.seconds = in.request.seconds;
  terms.max_seconds = in.request.max_seconds.value_or(in.offer.max_seconds);
  terms.fee_bps = in.account.fee_bps;
  terms.micro_usd_per_sol = in.sol_price.micro_usd_per_sol;
  terms.sol_price_at_ms = in.sol_price.at_ms;
  terms.sol_price_source = in.sol_price.source;
  terms.ssh_key = market::ssh_fingerprint(in.request.ssh_key).value_or("");
  const market::Ask ask{in.offer.micro_usd_per_hour, in.offer.micro_usd_per_gb_month,
                        static_cast<std::uint32_t>(count), terms.disk_bytes};
  TRY(const market::Rate rate, market::rate_for(ask, terms.micro_usd_per_sol));
  terms.lamports_per_hour = rate.lamports_per_hour;
  TRY(terms.debit, market::breakdown_for(rate, terms.seconds));
  TRY_VOID(market::check_terms(terms));
  return terms;
}

lease::Quote make_record(const QuoteInputs& in, const QuoteDraft& draft) {
  const market::Terms& terms = draft.terms;
  lease::Quote out;
  out.id = base::to_hex(draft.hash.view());
  out.lease = draft.open.lease;
  out.terms = draft.text;
  out.renter = terms.renter;
  out.host = terms.host;
  out.market = terms.market;
  out.treasury = escrow::to_public_key(in.account.treasury);
  out.attestor = terms.attestor;
  out.market_rev = terms.market_rev;
  out.nonce = terms.nonce;
  out.card = terms.card;
  out.card_name = card_name(terms.card);
  for (const market::TermsCard& card : terms.cards) out.card_uuids.push_back(card.uuid);
  out.driver_name = in.offer.free.front().driver_name;
  out.count = static_cast<std::uint32_t>(terms.cards.size());
  out.simulated = terms.simulated;
  out.ssh_key = in.request.ssh_key;
  out.seconds = terms.seconds;
  out.max_seconds = terms.max_seconds;
  out.rate_lamports_per_hour = terms.lamports_per_hour;
  out.fee_bps = terms.fee_bps;
  out.ready_deadline_s = in.account.ready_deadline_s;
  out.gap_limit_s = in.account.gap_limit_s;
  out.claim_window_s = in.account.claim_window_s;
  out.disk_bytes = terms.disk_bytes;
  out.ram_bytes = terms.ram_bytes;
  out.cpu_milli = terms.cpu_milli;
  out.price = terms.debit.price;
  out.total = terms.debit.total;
  out.expires_at_s = terms.expires_at;
  out.created_ms = in.now_ms;
  out.remote_address = in.remote_address;
  return out;
}

}  // namespace

market::WantedImage wanted_image(const api::QuoteRequest& request) {
  return {request.image, request.template_};
}

std::uint64_t default_disk(std::uint64_t with_one_card, std::size_t count) {
  return std::clamp(with_one_card * count, kLeastDiskBytes, kDefaultDiskBytes);
}

base::Result<QuoteDraft> draft_quote(const QuoteInputs& inputs) {
  QuoteDraft draft;
  TRY(draft.terms, make_terms(inputs));
  const market::Terms& terms = draft.terms;
  draft.text = market::terms_text(terms);
  draft.hash = market::terms_hash(draft.text);
  const auto lease = settlement::lease_address(terms.program, terms.renter, terms.nonce);
  draft.open = {terms.renter,     lease.address,     terms.host,
                terms.market,     lease.bump,        terms.nonce,
                terms.market_rev, terms.expires_at,  terms.lamports_per_hour,
                terms.seconds,    terms.max_seconds, draft.hash};
  draft.record = make_record(inputs, draft);
  return draft;
}

escrow::Open open_of(const lease::Quote& quote, const base::PublicKey& program) {
  const auto lease = settlement::lease_address(program, quote.renter, quote.nonce);
  return {quote.renter,     lease.address,      quote.host,
          quote.market,     lease.bump,         quote.nonce,
          quote.market_rev, quote.expires_at_s, quote.rate_lamports_per_hour,
          quote.seconds,    quote.max_seconds,  market::terms_hash(quote.terms)};
}

namespace {

void add_data_sheet(api::Offer& out) {
  const cards::Card* card = cards::find_card(out.card);
  if (card == nullptr) return;
  if (card->bandwidth_gb_per_s != 0) out.bandwidth_bytes_per_s = card->bandwidth_bytes_per_s();
  if (card->fp16_gflops != 0) out.fp16_tflops = card->fp16_tflops();
  if (card->compute_capability != 0) out.compute_capability = card->compute_capability;
}

api::ListedImage to_api(const market::ListedImage& image) {
  api::ListedImage out{image.digest, {}, image.size_bytes};
  if (!image.template_name.empty()) out.template_ = image.template_name;
  return out;
}

// What the host did not say is not there.
void add_reported(api::Offer& out, const market::Reported& reported) {
  if (!reported.cpu_name.empty()) out.cpu_name = reported.cpu_name;
  if (!reported.driver_version.empty()) out.driver_version = reported.driver_version;
  if (reported.cuda_version != 0) out.cuda_version = reported.cuda_version;
  out.pcie_generation = reported.pcie_generation;
  out.pcie_lanes = reported.pcie_lanes;
  out.nvlink_links = reported.nvlink_links;
  out.power_limit_mw = reported.power_limit_mw;
  out.memory_bytes_per_s = reported.memory_bytes_per_s;
  out.pcie_bytes_per_s = reported.pcie_bytes_per_s;
  out.nvlink_bytes_per_s = reported.nvlink_bytes_per_s;
  out.disk_bytes_per_s = reported.disk_bytes_per_s;
  out.download_bits_per_s = reported.download_bits_per_s;
  out.upload_bits_per_s = reported.upload_bits_per_s;
}

}  // namespace

api::Offer to_api(const market::Offer& offer, std::uint64_t micro_usd_per_sol) {
  api::Offer out;
  out.id = offer.id;
  out.host = offer.host;
  out.card = offer.card;
  out.card_name = card_name(offer.card);
  out.count = static_cast<std::uint32_t>(offer.free.size());
  out.memory_bytes = offer.memory_bytes;
  out.micro_usd_per_hour = offer.micro_usd_per_hour;
  const auto lamports = market::lamports_for(offer.micro_usd_per_hour, micro_usd_per_sol);
  if (lamports) out.lamports_per_hour = *lamports;
  out.disk_bytes_max = offer.disk_bytes_max;
  out.ram_bytes = offer.ram_bytes;
  out.cpu_milli = offer.cpu_milli;
  out.max_seconds = offer.max_seconds;
  if (offer.min_seconds > escrow::kMinSeconds) out.min_seconds = offer.min_seconds;
  if (!offer.region.empty()) out.region = offer.region;
  out.simulated = offer.simulated;
  out.listed = static_cast<std::uint32_t>(offer.listed);
  out.micro_usd_per_gb_month = offer.micro_usd_per_gb_month;
  out.images.emplace();
  for (const market::ListedImage& image : offer.images) {
    out.images->push_back(to_api(image));
  }
  if (offer.pulls_max_bytes != 0) out.pulls_max_bytes = offer.pulls_max_bytes;
  add_data_sheet(out);
  if (const std::uint64_t proven = market::proven_bytes(offer)) out.proven_memory_bytes = proven;
  add_reported(out, offer.reported);
  if (offer.maintenance_from_s) {
    out.maintenance_from_s =
        static_cast<std::uint64_t>(std::max<base::UnixSeconds>(*offer.maintenance_from_s, 0));
  }
  return out;
}

api::Quote to_api(const QuoteDraft& draft, const base::Signature& signature,
                  const market::Offer& offer) {
  const market::Terms& terms = draft.terms;
  api::Quote out;
  out.id = draft.record.id;
  out.lease = draft.open.lease;
  out.terms = draft.text;
  out.signature = signature;
  out.attestor = terms.attestor;
  out.program = terms.program;
  out.market = terms.market;
  out.market_rev = terms.market_rev;
  out.renter = terms.renter;
  out.host = terms.host;
  out.nonce = std::to_string(terms.nonce);
  out.seconds = terms.seconds;
  out.max_seconds = terms.max_seconds;
  out.lamports_per_hour = {terms.lamports_per_hour};
  out.fee_bps = terms.fee_bps;
  const market::Breakdown& debit = terms.debit;
  out.breakdown = {debit.cards,   debit.disk,
                   debit.traffic, debit.price,
                   debit.bond,    debit.network_fees,
                   debit.total,   market::micro_usd_for(debit.total, terms.micro_usd_per_sol)};
  out.sol_price = {terms.micro_usd_per_sol, terms.sol_price_source,
                   base::to_rfc3339(terms.sol_price_at_ms)};
  out.offer = to_api(offer, terms.micro_usd_per_sol);
  out.count = static_cast<std::uint32_t>(terms.cards.size());
  out.disk_bytes = terms.disk_bytes;
  out.image = terms.image;
  if (!terms.template_name.empty()) out.template_ = terms.template_name;
  out.expires_at = base::to_rfc3339_seconds(terms.expires_at);
  out.expires_at_s = static_cast<std::uint64_t>(terms.expires_at);
  return out;
}

}  // namespace obelisk::market_app
