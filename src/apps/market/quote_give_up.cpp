// Quotes that their renter will not pay.
#include <algorithm>

#include "adapters/http/forwarded.hpp"
#include "apps/market/quote_desk.hpp"
#include "apps/market/quote_words.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr std::int64_t kMinuteMs = 60'000;

}  // namespace

bool QuoteDesk::may_give_up(const lease::Quote& quote, const std::optional<base::PublicKey>& wallet,
                            const std::string& remote_address) const {
  if (wallet) return *wallet == quote.renter;
  // Behind a proxy on this machine everybody has its address.
  if (is_loopback(remote_address) && !identity_.local) return false;
  return http::address_group(remote_address) == http::address_group(quote.remote_address);
}

base::Result<void> QuoteDesk::check_given_up(const lease::Quote& quote,
                                             const std::string& remote_address) {
  const std::int64_t now_ms = parts_.clock.steady_ms();
  const std::lock_guard lock(mutex_);
  if (const auto at = latest_.find(quote.renter); at != latest_.end()) {
    const auto mine = std::ranges::find(at->second, quote.id, &OpenQuote::id);
    if (mine != at->second.end() && mine->shared) {
      return Error{Code::conflict, "This quote was given twice, and somebody may be paying it.",
                   "Leave it: its cards are free again when it expires."};
    }
  }
  for (auto& [address, times] : given_up_ms_) {
    while (!times.empty() && now_ms - times.front() > kMinuteMs) times.pop_front();
  }
  std::erase_if(given_up_ms_, [](const auto& entry) { return entry.second.empty(); });
  auto& times = given_up_ms_[http::address_group(remote_address)];
  if (times.size() >= kMaxGivenUpPerAddress) {
    return Error{Code::rate_limited, "This address gives up too many quotes.",
                 "Leave it: its cards are free again when it expires."};
  }
  times.push_back(now_ms);
  return {};
}

base::Result<void> QuoteDesk::give_up(const std::string& quote_id,
                                      const std::optional<base::PublicKey>& wallet,
                                      const std::string& remote_address) {
  TRY(const auto record, parts_.store.by_quote(quote_id));
  if (!record) return no_such_quote();
  const lease::Quote& quote = record->quote;
  if (!may_give_up(quote, wallet, remote_address)) {
    return Error{Code::forbidden, "This quote was made for somebody else.",
                 "Ask as the wallet that it is for, or from the address that asked for it."};
  }
  if (record->life.state == lease::State::quoted) {
    TRY_VOID(check_given_up(quote, remote_address));
    parts_.leases.give_up(quote.lease);
  }
  TRY(const auto now, parts_.store.by_quote(quote_id));
  if (!now || now->life.outcome == lease::Outcome::never_paid) return {};
  if (now->life.state != lease::State::quoted) return paid_already(quote.lease);
  return Error{Code::unreachable, "The quote could not be given up right now.",
               "Leave it: its cards are free again when it expires."};
}

}  // namespace obelisk::market_app
