#include "apps/cli/await_offer.hpp"

#include <algorithm>
#include <map>

#include "apps/cli/interrupts.hpp"
#include "apps/cli/offer_follower.hpp"
#include "apps/cli/text/amounts.hpp"
#include "apps/cli/text/table.hpp"
#include "core/cards/catalogue.hpp"
#include "core/market/search/quantity.hpp"

namespace obelisk::cli {
namespace {

namespace search = market::search;
using base::Code;
using base::Error;

constexpr std::chrono::milliseconds kLook{250};
// Where the market has many unpaid quotes of this wallet: each is free again after a minute.
constexpr std::int64_t kQuotesPauseMs = 5'000;

std::string at_least(search::Field field, std::uint64_t value) {
  const auto& info = search::info(field);
  return " " + std::string(info.name) + ">=" + search::quantity_text(info, {value, value});
}

// A card of the catalogue, or the beginning of one.
bool is_known(std::string_view card) {
  return !card.empty() && std::ranges::any_of(cards::catalogue(), [&](const cards::Card& known) {
    return std::string_view(known.id).starts_with(card);
  });
}

// Words for the line that is redrawn while nothing else happens.
std::string waiting_words(const Order& order) {
  std::string out = order.request.card ? fitted(*order.request.card, 20)
                                       : "offer " + fitted(order.request.offer.value_or(""), 20);
  if (order.asked.count > 1) out = std::to_string(order.asked.count) + " x " + out;
  if (order.max_micro_usd_per_hour) {
    out += " at " + usd_text(*order.max_micro_usd_per_hour) + " or less";
  }
  return out;
}

// Others were faster, or it changed meanwhile: the next one may work.
bool goes_on(Code code) {
  return code == Code::conflict || code == Code::not_found || code == Code::expired ||
         code == Code::unreachable || code == Code::timeout || code == Code::rate_limited ||
         code == Code::declined;  // above the cap
}

class Waiting {
 public:
  Waiting(Session& session, MarketClient& market, Order order)
      : session_(session),
        order_(std::move(order)),
        follower_(market, search_text(order_)),
        began_ms_(session.clock().steady_ms()) {}

  base::Result<OrderedQuote> run(Interrupts& interrupts) {
    OfferFollower::News news;
    while (true) {
      if (interrupts.requested()) {
        return Error{Code::declined, "You stopped waiting, so nothing was signed.",
                     "Nobody holds a card for you."};
      }
      news = follower_.wait(news.version, kLook);
      if (news.refused) return *news.refused;
      for (const api::Offer& offer : by_price(news.offers)) {
        if (!fits(offer)) continue;
        auto quote = ask(offer);
        if (quote) return quote;
        if (!goes_on(quote.error().code)) return quote.error();
      }
      show(news);
    }
  }

 private:
  // The cards that this person waits for; what the market shows besides is left alone.
  bool fits(const api::Offer& offer) const {
    return order_.request.card ? offer.card.starts_with(*order_.request.card)
                               : offer.id == order_.request.offer;
  }
  static std::vector<api::Offer> by_price(std::vector<api::Offer> offers) {
    std::ranges::sort(offers, {}, [](const api::Offer& offer) {
      return std::pair(offer.micro_usd_per_hour, offer.id);
    });
    return offers;
  }

  base::Result<OrderedQuote> ask(const api::Offer& offer) {
    const std::int64_t now_ms = session_.clock().steady_ms();
    // An offer that was refused once is asked for again when it is another, or a while later.
    const auto before = refused_.find(offer.id);
    if (now_ms < pause_until_ms_ || (before != refused_.end() && before->second > now_ms)) {
      return Error{Code::conflict, "Not yet.", ""};
    }
    Order order = order_;
    order.request.card.reset();
    order.request.offer = offer.id;
    order.asked.offer = offer.id;
    order.asked.card = offer.card;
    auto quote = order_quote(session_, order);
    if (quote) return quote;
    refused_[offer.id] = now_ms + kQuotesPauseMs;
    if (quote.error().code == Code::rate_limited) pause_until_ms_ = now_ms + kQuotesPauseMs;
    return quote;
  }

  void show(const OfferFollower::News& news) {
    const std::int64_t waited_s = (session_.clock().steady_ms() - began_ms_) / 1000;
    const std::string since = base::to_duration_text(waited_s) + ". Ctrl-C ends it, charged: 0";
    session_.out().status(news.reached ? "Waiting for " + waiting_words(order_) + ". " + since
                                       : "The market does not answer. Waiting. " + since);
  }

  Session& session_;
  const Order order_;
  OfferFollower follower_;
  const std::int64_t began_ms_;
  std::int64_t pause_until_ms_ = 0;
  std::map<std::string, std::int64_t> refused_;  // until when, by offer
};

}  // namespace

std::string search_text(const Order& order) {
  std::string out;
  const auto& request = order.request;
  if (request.card) {
    const bool known = cards::find_card(*request.card) != nullptr;
    out = "card=\"" + *request.card + "\"" + (known ? "" : "*");
  } else {
    out = "id=\"" + request.offer.value_or("") + "\"";
  }
  out += at_least(search::Field::gpus, order.asked.count);
  const std::uint64_t seconds = std::max(request.seconds, request.max_seconds.value_or(0));
  out += at_least(search::Field::duration, seconds * 1000);
  const auto& least = search::info(search::Field::min_duration);
  const std::uint64_t bought = std::uint64_t{request.seconds} * 1000;
  out += " min_duration<=" + search::quantity_text(least, {bought, bought});
  if (request.disk_bytes) {
    const std::uint64_t count = order.asked.count;
    out += at_least(search::Field::disk, (*request.disk_bytes + count - 1) / count);
  }
  if (request.template_) out += " template=" + *request.template_;
  if (request.image) out += " image=" + *request.image;
  if (order.max_micro_usd_per_hour) {
    const auto& price = search::info(search::Field::price);
    const std::uint64_t most = *order.max_micro_usd_per_hour;
    out += " price<=" + search::quantity_text(price, {most, most});
  }
  return out;
}

base::Result<OrderedQuote> await_offer(Session& session, Order order) {
  if (order.request.card && !is_known(*order.request.card)) {
    return Error{Code::not_found,
                 "There is no card '" + fitted(*order.request.card, 40) + "' to wait for.",
                 "Cards: " + cards::known_ids() + "."};
  }
  TRY(MarketClient * market, session.market());
  // What cannot be waited for is said at once.
  TRY(ports::Chain * chain, session.chain());
  (void)chain;
  Interrupts interrupts;  // before the follower's thread
  Waiting waiting(session, *market, std::move(order));
  auto quote = waiting.run(interrupts);
  session.out().clear_status();
  return quote;
}

}  // namespace obelisk::cli
