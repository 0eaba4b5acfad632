#include "apps/cli/bring_image.hpp"

#include <chrono>
#include <thread>

#include "apps/cli/await_offer.hpp"
#include "apps/cli/interrupts.hpp"
#include "apps/cli/text/amounts.hpp"
#include "core/market/image_reference.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::chrono::milliseconds kLookEvery{500};

base::Result<std::vector<api::Offer>> offers_for(MarketClient& market, const std::string& query) {
  TRY(auto found, market.offers({{"q", query}, {"sort", "price"}, {"limit", "1"}}));
  return std::move(found.offers);
}

std::string words_for(const api::ImagePull& pull) {
  const std::string end = ". Ctrl-C ends it, charged: 0";
  const std::string done = disk_text(pull.done_bytes);
  switch (pull.step) {
    case api::PullStep::asking: return "The host asks the registry" + end;
    case api::PullStep::loading:
      return "The host loads the image: " + done + " of " + disk_text(pull.all_bytes) + end;
    case api::PullStep::unpacking: return "The host unpacks the image: " + done + end;
    case api::PullStep::ready:
    case api::PullStep::failed: break;
  }
  return "";
}

// On a terminal one line that changes; else a line for each step.
void show(Session& session, const api::ImagePull& pull, std::optional<api::PullStep>& shown) {
  if (session.out().terminal()) {
    session.out().status(words_for(pull));
  } else if (shown != pull.step) {
    session.out().line(words_for(pull));
  }
  shown = pull.step;
}

base::Result<void> wait_for(Session& session, MarketClient& market, api::ImagePull pull) {
  Interrupts interrupts;
  std::optional<api::PullStep> shown;
  while (pull.step != api::PullStep::ready) {
    if (pull.step == api::PullStep::failed) {
      session.out().clear_status();
      return Error{
          Code::conflict,
          "The host could not bring the image. " + pull.message.value_or("It did not say why."),
          "Take another image or another offer. Nothing was charged."};
    }
    show(session, pull, shown);
    if (interrupts.requested()) {
      session.out().clear_status();
      return Error{Code::declined, "You ended the wait; the host goes on loading.",
                   "The same command finds how far it is. Nothing was charged."};
    }
    std::this_thread::sleep_for(kLookEvery);
    TRY(pull, market.pull(pull.pull));
  }
  session.out().clear_status();
  session.out().line("The image is there.");
  return {};
}

}  // namespace

base::Result<void> bring_image(Session& session, Order& order) {
  if (!order.image_reference) return {};
  TRY(MarketClient * market, session.market());
  TRY(const auto there, offers_for(*market, search_text(order)));
  if (!there.empty()) return {};
  Order any = order;
  any.request.image.reset();
  TRY(const auto bringers, offers_for(*market, search_text(any) + " pulls>0"));
  if (bringers.empty()) {
    return Error{Code::not_found,
                 "No host that fits has the image " + order.image_reference->digest.substr(0, 19) +
                     "..., or brings one.",
                 "See `obelisk offers 'pulls>0'` for those that bring images."};
  }
  const api::Offer& offer = bringers.front();
  TRY(const api::ImagePull pull, market->begin_pull({offer.id, order.image_reference->text()}));
  TRY_VOID(wait_for(session, *market, pull));
  order.request.card.reset();
  order.request.offer = order.asked.offer = offer.id;
  order.asked.card = offer.card;
  return {};
}

}  // namespace obelisk::cli
