#include "apps/market/quote_desk.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "apps/market/quote_words.hpp"
#include "apps/market/ssh_key.hpp"
#include "base/check.hpp"
#include "base/crypto.hpp"
#include "core/cards/catalogue.hpp"
#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

// As many as may ask for the cards of one offer in one moment: each time one of them gets a card.
constexpr int kMaxTries = 16;
constexpr std::size_t kMostOffers = 1024;  // that are compared
// Wallets that are looked at: at once, and how often for one quote.
constexpr std::size_t kAtOnce = 16;
constexpr std::size_t kMostLooks = 4;
constexpr std::int64_t kEmptyForMs = 30'000;
// What a payout wallet keeps, so that it stays on the chain and can be paid anything.
constexpr std::uint64_t kHostFloor = 1'000'000;
// Network fees of two thousand transactions: every lease needs the watch's `ready`.
constexpr std::uint64_t kAttestorFloor = 10'000'000;

constexpr const char* kMakeRoom =
    "Pay one or give one up, or wait: each is free again 60 s after it was made.";

Error too_many(const std::string& whose) {
  return {Code::rate_limited, whose + " too many open quotes.", kMakeRoom};
}

Error too_large(const std::string& whose, std::uint64_t held, const std::string& card) {
  return {Code::rate_limited,
          "Unpaid quotes of " + whose + " hold " + std::to_string(held) + " " + card +
              " already, and few are free.",
          kMakeRoom};
}

market::Search search_of(const api::QuoteRequest& request) {
  market::Search out;
  out.card = request.card;
  out.offer = request.offer;
  out.count = request.count.value_or(1);
  out.seconds = std::max(request.seconds, request.max_seconds.value_or(0));
  out.bought = request.seconds;
  out.disk_bytes = request.disk_bytes.value_or(kLeastDiskBytes);
  out.image = wanted_image(request);
  return out;
}

// Whether a quote is what a request would be answered with.
bool answers(const api::Quote& quote, const api::QuoteRequest& request) {
  const std::uint32_t count = request.count.value_or(1);
  const std::uint64_t disk = default_disk(quote.offer.disk_bytes_max, count);
  return (request.card ? quote.offer.card == *request.card : quote.offer.id == request.offer) &&
         quote.count == count && quote.seconds == request.seconds &&
         quote.max_seconds == request.max_seconds.value_or(quote.offer.max_seconds) &&
         quote.disk_bytes == request.disk_bytes.value_or(disk) &&
         quote.template_ == request.template_ && (!request.image || quote.image == request.image);
}

base::Result<void> check_request(api::QuoteRequest& request) {
  if (request.card.has_value() == request.offer.has_value()) {
    return Error{Code::invalid_input, "A quote needs a card or an offer, and not both.",
                 "Send the field 'card' (see /v1/cards) or 'offer' (see /v1/offers)."};
  }
  if (request.max_seconds && *request.max_seconds < request.seconds) {
    return Error{Code::invalid_input, "max_seconds is less than seconds.",
                 "Leave it out, or send at least " + std::to_string(request.seconds) + "."};
  }
  TRY(request.ssh_key, check_ssh_key(request.ssh_key));
  return {};
}

}  // namespace

bool may_hold(std::uint64_t held, std::uint64_t more, std::uint64_t free, std::uint64_t part) {
  return held == 0 || (held + more) * part <= free + held;
}

base::Result<std::vector<ports::OpenQuote>> QuoteDesk::check_caps(
    const base::PublicKey& renter, const std::string& remote_address) {
  TRY(auto open, parts_.store.open_quotes(renter, remote_address));
  const base::UnixSeconds now_s = parts_.leases.chain_now();
  std::erase_if(open, [&](const auto& quote) { return quote.expires_at_s < now_s; });
  const auto from_there =
      std::ranges::count(open, remote_address, &ports::OpenQuote::remote_address);
  const auto from_wallet = std::ranges::count(open, renter, &ports::OpenQuote::renter);
  if (static_cast<std::size_t>(from_there) >= kMaxQuotesPerAddress) {
    return too_many("This address has");
  }
  if (static_cast<std::size_t>(from_wallet) >= kMaxQuotesPerRenter) {
    return too_many("This wallet has");
  }
  return open;
}

base::Result<void> QuoteDesk::check_part(const std::vector<ports::OpenQuote>& open,
                                         const QuoteInputs& inputs) {
  const std::string& card = inputs.offer.card;
  std::uint64_t wallets = 0;
  std::uint64_t addresses = 0;
  for (const ports::OpenQuote& quote : open) {
    if (quote.card != card) continue;
    if (quote.renter == inputs.request.renter) wallets += quote.count;
    if (quote.remote_address == inputs.remote_address) addresses += quote.count;
  }
  // Behind a proxy on this machine everybody has its address.
  if (is_loopback(inputs.remote_address)) addresses = 0;
  if (wallets == 0 && addresses == 0) return {};
  const std::uint64_t count = inputs.request.count.value_or(1);
  const std::uint64_t free = parts_.offers.free_of(card);
  if (!may_hold(wallets, count, free, kWalletsPart)) return too_large("this wallet", wallets, card);
  if (!may_hold(addresses, count, free, kAddressesPart)) {
    return too_large("this address", addresses, card);
  }
  return {};
}

std::optional<std::string> QuoteDesk::quoted_already(const api::QuoteRequest& request) {
  const std::string asked = api::to_json(request);
  const base::UnixSeconds now_s = parts_.leases.chain_now();
  std::vector<OpenQuote> mine;
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = latest_.find(request.renter); at != latest_.end()) mine = at->second;
  }
  for (const OpenQuote& quote : mine) {
    if (quote.asked != asked || quote.expires_at_s < now_s + kLeastTimeToPayS) continue;
    const auto record = parts_.store.by_quote(quote.id);
    if (!record || !*record || !can_be_served(**record)) continue;
    mark_shared(quote.id, request.renter);
    return quote.id;
  }
  return quoted_before(request);
}

void QuoteDesk::mark_shared(const std::string& quote_id, const base::PublicKey& renter) {
  const std::lock_guard lock(mutex_);
  const auto at = latest_.find(renter);
  if (at == latest_.end()) return;
  const auto mine = std::ranges::find(at->second, quote_id, &OpenQuote::id);
  if (mine != at->second.end()) mine->shared = true;
}

std::optional<std::string> QuoteDesk::quoted_before(const api::QuoteRequest& request) {
  const auto open = parts_.store.open_quotes(request.renter, "");
  if (!open) return std::nullopt;
  const base::UnixSeconds now_s = parts_.leases.chain_now();
  for (const ports::OpenQuote& quote : *open) {
    if (quote.renter != request.renter || quote.expires_at_s < now_s + kLeastTimeToPayS) continue;
    const auto record = parts_.store.by_quote(quote.id);
    if (!record || !*record || !can_be_served(**record)) continue;
    const auto made = api::quote_from_json((*record)->quote.response);
    if (!made || (*record)->quote.ssh_key != request.ssh_key || !answers(*made, request)) continue;
    // Who asks for a card asks for the cheapest.
    const auto best = parts_.offers.fitting(search_of(request), 1);
    const bool is_best = request.offer || best.empty() ||
                         best.front()->offer.micro_usd_per_hour >= made->offer.micro_usd_per_hour;
    if (is_best) return quote.id;
  }
  return std::nullopt;
}

bool QuoteDesk::can_be_served(const lease::Record& record) {
  const auto terms = parts_.leases.market_terms();
  return record.life.state == lease::State::quoted && terms &&
         terms->account.rev == record.quote.market_rev && terms->account.paused == 0 &&
         parts_.offers.is_reachable(record.quote.host) &&
         !parts_.offers.is_refused(record.quote.host);
}

void QuoteDesk::remember(const lease::Quote& quote, const api::QuoteRequest& request) {
  const base::UnixSeconds now_s = parts_.leases.chain_now();
  const std::lock_guard lock(mutex_);
  for (auto& [wallet, quotes] : latest_) {
    std::erase_if(quotes, [&](const OpenQuote& old) { return old.expires_at_s < now_s; });
  }
  std::erase_if(latest_, [](const auto& entry) { return entry.second.empty(); });
  latest_[quote.renter].push_back({quote.id, quote.expires_at_s, api::to_json(request)});
}

base::Result<QuoteInputs> QuoteDesk::prepare(api::QuoteRequest request,
                                             const std::string& remote_address) {
  const auto terms = parts_.leases.market_terms();
  if (!terms || !parts_.leases.chain_answers()) {
    return Error{Code::unreachable, "The chain does not answer this market right now.",
                 "Try again in a few seconds."};
  }
  if (terms->account.paused != 0) {
    return Error{Code::conflict, "This market takes no new leases at the moment.",
                 "Try again later. Running leases go on."};
  }
  if (parts_.attestors.find(escrow::to_public_key(terms->account.attestor)) == nullptr) {
    return Error{Code::conflict, "This market's attestor on the chain is another key than its own.",
                 "Its operator must start it with the right key. Try again later."};
  }
  QuoteInputs out;
  TRY(out.sol_price, parts_.prices.sol_usd());
  out.request = std::move(request);
  out.program = identity_.program;
  out.market = identity_.market;
  out.account = terms->account;
  out.chain_now_s = parts_.leases.chain_now();
  out.now_ms = parts_.clock.now_ms();
  out.remote_address = remote_address;
  return out;
}

QuoteDesk::Offers QuoteDesk::by_price(const market::Search& search, const QuoteInputs& inputs) {
  const std::set<base::PublicKey> others{inputs.request.renter, inputs.program, inputs.market,
                                         escrow::to_public_key(inputs.account.attestor),
                                         escrow::to_public_key(inputs.account.treasury)};
  struct Priced {
    std::uint64_t lamports_per_hour = 0;
    std::size_t place = 0;  // of those that cost the same
    market::search::EntryPointer entry;
  };
  std::vector<Priced> priced;
  for (auto& entry : parts_.offers.fitting(search, kMostOffers)) {
    const market::Offer& offer = entry->offer;
    if (others.contains(offer.host)) continue;
    const std::uint64_t disk =
        inputs.request.disk_bytes.value_or(default_disk(offer.disk_bytes_max, search.count));
    const auto rate = market::rate_for({offer.micro_usd_per_hour, offer.micro_usd_per_gb_month,
                                        static_cast<std::uint32_t>(search.count), disk},
                                       inputs.sol_price.micro_usd_per_sol);
    // One whose price fits no lease comes last, and says so when nothing else is left.
    const std::uint64_t price = rate ? rate->lamports_per_hour : UINT64_MAX;
    priced.push_back({price, priced.size(), std::move(entry)});
  }
  std::ranges::sort(priced, {},
                    [](const Priced& one) { return std::pair(one.lamports_per_hour, one.place); });
  Offers out;
  const std::int64_t now_ms = parts_.clock.steady_ms();
  const std::lock_guard lock(mutex_);
  std::erase_if(empty_, [&](const auto& seen) { return now_ms - seen.second > kEmptyForMs; });
  for (const Priced& one : priced) {
    if (!empty_.contains(one.entry->offer.host)) out.push_back(one.entry);
  }
  if (!out.empty()) return out;
  // Nobody else is left: one may have been given something since. No more than one look's worth.
  for (const Priced& one : priced) {
    if (out.size() < kAtOnce) out.push_back(one.entry);
  }
  return out;
}

base::Result<std::optional<market::Offer>> QuoteDesk::first_payable(const Offers& offers,
                                                                    const QuoteInputs& inputs) {
  const base::PublicKey attestor = escrow::to_public_key(inputs.account.attestor);
  const std::size_t most = std::min(offers.size(), kAtOnce * kMostLooks);
  for (std::size_t from = 0; from < most; from += kAtOnce) {
    std::vector<base::PublicKey> wallets{attestor};
    const std::size_t end = std::min(most, from + kAtOnce);
    for (std::size_t i = from; i < end; ++i) wallets.push_back(offers[i]->offer.host);
    TRY(const auto accounts, parts_.chain.accounts(wallets, ports::Commitment::confirmed));
    const auto has = [&](std::size_t i, std::uint64_t floor) {
      return i < accounts.size() && accounts[i].account &&
             accounts[i].account->lamports.count >= floor;
    };
    if (!has(0, kAttestorFloor)) {
      return Error{
          Code::unreachable,
          "This market cannot send `ready` at the moment: its watch is out of SOL for fees.",
          "Ask again later. Its operator must send some to " + attestor.to_string() + "."};
    }
    for (std::size_t i = from; i < end; ++i) {
      if (has(1 + i - from, kHostFloor)) return std::optional(offers[i]->offer);
      const std::lock_guard lock(mutex_);
      empty_[offers[i]->offer.host] = parts_.clock.steady_ms();
    }
  }
  return std::optional<market::Offer>();
}

base::Result<void> QuoteDesk::add_transaction(api::Quote& quote, const escrow::Open& open) {
  TRY(const auto blockhash, parts_.chain.latest_blockhash(ports::Commitment::confirmed));
  TRY(const auto transaction,
      settlement::transaction(open.renter, {escrow::encode_open(identity_.program, open)},
                              settlement::kOpenUnits, blockhash.blockhash));
  quote.transaction = transaction.base64();
  quote.last_valid_block_height = blockhash.last_valid_block_height;
  return {};
}

base::Result<api::Quote> QuoteDesk::hold(const QuoteInputs& inputs) {
  TRY(QuoteDraft draft, draft_quote(inputs));
  // As the account names it now: after a change of terms prepare() was asked again.
  ports::Attestor* const attestor = parts_.attestors.find(draft.terms.attestor);
  CHECK(attestor != nullptr);
  const auto answer = attestor->quote(draft.text);
  if (!answer) return not_signed(answer.error());
  const base::Signature signature = *answer;
  api::Quote quote = to_api(draft, signature, inputs.offer);
  TRY_VOID(add_transaction(quote, draft.open));
  draft.record.signature = signature;
  draft.record.response = api::to_json(quote);
  TRY_VOID(write(inputs, draft.record));
  remember(draft.record, inputs.request);
  return quote;
}

base::Result<void> QuoteDesk::write(const QuoteInputs& inputs, const lease::Quote& quote) {
  const auto turn = [&](std::size_t hash) -> std::mutex& { return turns_[hash % turns_.size()]; };
  std::mutex& wallets = turn(quote.renter.bytes[0]);
  std::mutex& addresses = turn(std::hash<std::string>{}(inputs.remote_address));
  const bool is_one = &wallets == &addresses || is_loopback(inputs.remote_address);
  std::unique_lock first(wallets, std::defer_lock);
  std::unique_lock second(addresses, std::defer_lock);
  if (is_one) {
    first.lock();
  } else {
    std::lock(first, second);
  }
  TRY(const auto open, check_caps(quote.renter, inputs.remote_address));
  TRY_VOID(check_part(open, inputs));
  return parts_.leases.register_quote(quote);
}

base::Result<api::Quote> QuoteDesk::create(api::QuoteRequest request,
                                           const std::string& remote_address) {
  TRY_VOID(check_request(request));
  if (parts_.refusals != nullptr && parts_.refusals->contains(request.renter)) {
    return refused_renter();
  }
  if (const auto same = quoted_already(request)) return again(*same);
  TRY_VOID(check_caps(request.renter, remote_address));
  if (request.card && cards::find_card(*request.card) == nullptr) {
    return market::why_none({}, search_of(request), 0);
  }
  const market::Search search = search_of(request);
  TRY(QuoteInputs inputs, prepare(std::move(request), remote_address));
  // Somebody else may take the cards between the look and the hold: then look again.
  for (int tries = 0; tries < kMaxTries; ++tries) {
    const Offers offers = by_price(search, inputs);
    if (offers.empty() && parts_.offers.fitting(search, 1).empty()) {
      return parts_.offers.why_none(search, inputs.chain_now_s);
    }
    TRY(auto offer, first_payable(offers, inputs));
    if (!offer) {
      return Error{
          Code::conflict,
          "The hosts that fit cannot be paid: their wallets hold under 0.001 SOL, or they are you.",
          "Ask again later, or for another card."};
    }
    inputs.offer = *std::move(offer);
    inputs.nonce = base::random_u64();
    auto quote = hold(inputs);
    if (quote || quote.error().code != Code::conflict) return quote;
    TRY_VOID(parts_.offers.look_again(inputs.offer.host));
  }
  return Error{Code::conflict, "Others took the cards at the same moment.", "Ask again."};
}

base::Result<api::Quote> QuoteDesk::again(const std::string& quote_id) {
  TRY(const auto record, parts_.store.by_quote(quote_id));
  if (!record) return no_such_quote();
  const lease::Quote& kept = record->quote;
  const bool never_paid = record->life.outcome == lease::Outcome::never_paid;
  if (record->life.state != lease::State::quoted && !never_paid) return paid_already(kept.lease);
  if (never_paid && parts_.leases.chain_now() <= kept.expires_at_s) {
    return Error{Code::expired, "This quote was given up.", "Ask for a new one."};
  }
  if (never_paid || parts_.leases.chain_now() > kept.expires_at_s) {
    return Error{Code::expired,
                 "This quote expired at " + base::to_rfc3339_seconds(kept.expires_at_s) + ".",
                 "Ask for a new one."};
  }
  const auto terms = parts_.leases.market_terms();
  if (terms && terms->account.rev != kept.market_rev) {
    return Error{Code::expired, "The market changed its terms since this quote.",
                 "Ask for a new one."};
  }
  TRY(api::Quote quote, api::quote_from_json(kept.response));
  TRY_VOID(add_transaction(quote, open_of(kept, identity_.program)));
  return quote;
}

}  // namespace obelisk::market_app
