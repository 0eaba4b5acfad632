#include "apps/market/pay/pay_desk.hpp"

#include <algorithm>
#include <array>

#include "adapters/http/forwarded.hpp"
#include "base/crypto.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

// A quote that was given in the last moment, and the time until it is seen paid.
constexpr std::int64_t kLastQuoteMs = 180'000;
constexpr std::size_t kLookedAtOnce = 16;

template <std::size_t N>
std::string random_hex() {
  std::array<std::uint8_t, N> bytes{};
  base::random_bytes(bytes);
  return base::to_hex(bytes);
}

Error no_such_wish() {
  return {Code::not_found, "There is no such payment here.", "Show a new code on the page."};
}

// "1 h 30 min", for a line on a phone.
std::string time_text(std::uint32_t seconds) {
  const std::string minutes = std::to_string(seconds / 60 % 60) + " min";
  if (seconds < 3600) return minutes;
  const std::string hours = std::to_string(seconds / 3600) + " h";
  return seconds % 3600 < 60 ? hours : hours + " " + minutes;
}

api::QuoteRequest request_of(const api::PayRequest& wanted, const base::PublicKey& account) {
  api::QuoteRequest out;
  out.renter = account;
  out.card = wanted.card;
  out.offer = wanted.offer;
  out.count = wanted.count;
  out.seconds = wanted.seconds;
  out.max_seconds = wanted.max_seconds;
  out.image = wanted.image;
  out.template_ = wanted.template_;
  out.disk_bytes = wanted.disk_bytes;
  out.ssh_key = wanted.ssh_key;
  return out;
}

}  // namespace

base::Result<api::PayTicket> PayDesk::begin(api::PayRequest wish, const identity::Origin& origin,
                                            const std::string& remote_address) {
  const std::string address = http::address_group(remote_address);
  const std::string id = random_hex<12>();
  const std::string secret = random_hex<24>();
  {
    const std::lock_guard lock(mutex_);
    const auto mine = std::ranges::count_if(wishes_, [&](const auto& entry) {
      return entry.second.address == address && !entry.second.is_paid;
    });
    if (wishes_.size() >= kMaxPays || static_cast<std::size_t>(mine) >= kPaysPerAddress) {
      return Error{Code::rate_limited, "Many payments wait to be scanned already.",
                   "Scan one of them, or wait ten minutes."};
    }
    wishes_[id] = {std::move(wish),
                   base::sha256(base::view_of(secret)),
                   address,
                   clock_.steady_ms(),
                   {},
                   false};
  }
  // Nothing in the link has a query, so it stands in the text as it is (Solana Pay 1.1).
  return api::PayTicket{id, secret, "solana:" + origin.url + "/v1/pay/" + id,
                        base::to_rfc3339(clock_.now_ms() + kPayLifeMs)};
}

base::Result<PayDesk::Wish> PayDesk::find(const std::string& pay) {
  const std::lock_guard lock(mutex_);
  const auto at = wishes_.find(pay);
  if (at == wishes_.end()) return no_such_wish();
  return at->second;
}

base::Result<void> PayDesk::check(const std::string& pay) {
  TRY(const Wish wish, find(pay));
  if (clock_.steady_ms() - wish.begun_ms <= kPayLifeMs) return {};
  return Error{Code::expired, "This code is over: it holds for ten minutes.",
               "Show a new code on the page. Nothing was charged."};
}

base::Result<api::Quote> PayDesk::quote_for(const Wish& wish, const base::PublicKey& account,
                                            const std::string& remote_address) {
  if (const auto mine = std::ranges::find(wish.asked, account, &Asked::account);
      mine != wish.asked.end()) {
    // The same quote while it can be paid: a wallet that asks twice shall not pay twice.
    if (auto again = quotes_.again(mine->quote)) return again;
  } else if (wish.asked.size() >= kWalletsPerPay) {
    return Error{Code::rate_limited, "Three wallets have scanned this code already.",
                 "Show a new code on the page."};
  }
  return quotes_.create(request_of(wish.wanted, account), remote_address);
}

base::Result<std::optional<lease::Record>> PayDesk::paid(const Wish& wish) {
  for (const Asked& asked : wish.asked) {
    TRY(auto record, store_.by_quote(asked.quote));
    const bool is_open = record && record->life.state == lease::State::quoted;
    if (record && !is_open && record->life.outcome != lease::Outcome::never_paid) return record;
  }
  return std::optional<lease::Record>();
}

base::Result<api::PayTransaction> PayDesk::build(const std::string& pay,
                                                 const base::PublicKey& account,
                                                 const std::string& remote_address) {
  TRY_VOID(check(pay));
  TRY(const Wish wish, find(pay));
  TRY(const auto before, paid(wish));
  if (before) {
    return Error{Code::conflict, "This code is paid already.",
                 "Look at the page that showed it. Nothing more was charged."};
  }
  TRY(const auto quote, quote_for(wish, account, remote_address));
  {
    const std::lock_guard lock(mutex_);
    const auto at = wishes_.find(pay);
    if (at == wishes_.end()) return no_such_wish();
    auto& all = at->second.asked;
    const auto mine = std::ranges::find(all, account, &Asked::account);
    if (mine != all.end()) {
      mine->quote = quote.id;
    } else {
      all.push_back({account, quote.id});
    }
  }
  const std::string count = quote.count > 1 ? std::to_string(quote.count) + " x " : "";
  return api::PayTransaction{quote.transaction,
                             count + quote.offer.card_name + ", " + time_text(quote.seconds) +
                                 ". At most " + base::to_sol_text(quote.breakdown.total_lamports) +
                                 "; what is not used comes back."};
}

base::Result<api::PayState> PayDesk::state(const std::string& pay, std::string_view secret) {
  TRY(const Wish wish, find(pay));
  // Hashes are compared: how long that takes says nothing of the secret.
  if (base::sha256(base::view_of(secret)) != wish.secret_hash) {
    return Error{Code::forbidden, "This payment is somebody else's.",
                 "Send the secret that POST /v1/pay gave, as Obelisk-Pay-Secret."};
  }
  api::PayState out;
  TRY(const auto record, paid(wish));
  if (record) {
    out.state = api::PayStep::paid;
    TRY(out.lease, leases_.lease(record->quote.lease));
    return out;
  }
  const bool is_over = clock_.steady_ms() - wish.begun_ms > kPayLifeMs;
  out.state = is_over ? api::PayStep::expired : api::PayStep::waiting;
  if (is_over || wish.asked.empty()) return out;
  if (auto quote = quotes_.again(wish.asked.back().quote)) {
    out.state = api::PayStep::quoted;
    out.quote = *std::move(quote);
  }
  return out;
}

// Only what was paid is kept: else one address could fill the table with wishes that it answers
// itself.
void PayDesk::sweep() {
  const std::int64_t now_ms = clock_.steady_ms();
  std::vector<std::pair<std::string, Wish>> doubtful;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(wishes_, [&](const auto& entry) {
      const Wish& wish = entry.second;
      const bool is_kept = wish.is_paid || !wish.asked.empty();
      return now_ms - wish.begun_ms > (is_kept ? kPayKeptMs : kPayLifeMs);
    });
    for (const auto& entry : wishes_) {
      if (doubtful.size() == kLookedAtOnce) break;
      const bool is_over = now_ms - entry.second.begun_ms > kPayLifeMs + kLastQuoteMs;
      if (is_over && !entry.second.is_paid) doubtful.push_back(entry);
    }
  }
  for (const auto& [id, wish] : doubtful) {
    const auto record = paid(wish);
    if (!record) continue;  // the store does not answer: later
    const std::lock_guard lock(mutex_);
    if (*record) {
      wishes_[id].is_paid = true;
    } else {
      wishes_.erase(id);
    }
  }
}

}  // namespace obelisk::market_app
