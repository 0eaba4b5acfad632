#include "apps/cli/offer_follower.hpp"

namespace obelisk::cli {
namespace {

constexpr std::chrono::milliseconds kReconnectPause{1000};
// Of a market that says more than it promised, no more is kept.
constexpr std::size_t kMostOffers = 200;

}  // namespace

OfferFollower::OfferFollower(MarketClient& market, std::string query)
    : market_(market),
      query_(std::move(query)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

OfferFollower::~OfferFollower() {
  thread_.request_stop();
  changed_.notify_all();
}

void OfferFollower::take(const api::OfferEvent& event) {
  const std::lock_guard lock(mutex_);
  reached_ = true;
  if (event.kind == "snapshot") offers_.clear();
  if (event.kind == "gone" && event.id) offers_.erase(*event.id);
  if (event.kind == "offer" && event.offer && offers_.size() < kMostOffers) {
    offers_[event.offer->id] = *event.offer;
  }
  ++version_;
  changed_.notify_all();
}

void OfferFollower::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto on_event = [this](const api::OfferEvent& event) {
      take(event);
      return true;
    };
    const auto ended = market_.follow_offers(query_, on_event, stop);
    std::unique_lock lock(mutex_);
    reached_ = false;
    // A broken stream shows nothing; a new one begins with everything.
    offers_.clear();
    ++version_;
    if (!ended && (ended.error().code == base::Code::invalid_input ||
                   ended.error().code == base::Code::not_found)) {
      refused_ = ended.error();
      changed_.notify_all();
      return;
    }
    changed_.notify_all();
    changed_.wait_for(lock, stop, kReconnectPause, [] { return false; });
  }
}

OfferFollower::News OfferFollower::wait(std::uint64_t seen, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return version_ > seen; });
  News out{version_, {}, reached_, refused_};
  for (const auto& [id, offer] : offers_) out.offers.push_back(offer);
  return out;
}

}  // namespace obelisk::cli
