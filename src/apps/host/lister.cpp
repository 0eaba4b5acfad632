#include "apps/host/lister.hpp"

#include <algorithm>

#include "apps/host/drain.hpp"
#include "apps/host/listing.hpp"

namespace obelisk::host {

api::Listing listing_at(const api::Listing& whole, std::optional<base::UnixSeconds> drain_from_s,
                        base::UnixSeconds now_s) {
  api::Listing out = whole;
  if (!drain_from_s) return out;
  out.maintenance_from_s = static_cast<std::uint64_t>(std::max<std::int64_t>(*drain_from_s, 0));
  if (*drain_from_s <= now_s) out.cards.clear();
  return out;
}

Lister::Lister(Parts parts) : parts_(std::move(parts)), said_(parts_.whole) {}

void Lister::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    constexpr std::chrono::milliseconds kEvery{500};
    while (!stop.stop_requested()) {
      look();
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kEvery, [] { return false; });
    }
  });
}

std::string Lister::message() {
  api::HostListing message = sign_listing(said_, parts_.signer);
  if (parts_.proven) {
    if (auto proven = parts_.proven(); !proven.empty()) message.proven = std::move(proven);
  }
  return api::to_json(message);
}

bool Lister::refresh() {
  const auto from_s = read_drain(parts_.state_dir);
  if (!from_s) {
    // What it said before stands: nobody knows what was meant.
    const std::string words = from_s.error().message + " " + from_s.error().action;
    if (std::exchange(trouble_, words) != words) parts_.log(words);
    return false;
  }
  trouble_.clear();
  const base::UnixMillis now_ms = parts_.clock.now_ms();
  api::Listing now = listing_at(parts_.whole, *from_s, now_ms / 1000);
  if (withdrawn_) now.cards.clear();
  now.seq = said_.seq;
  if (now == said_) return false;
  now.seq = std::max<std::uint64_t>(said_.seq + 1, static_cast<std::uint64_t>(now_ms));
  if (now.maintenance_from_s != said_.maintenance_from_s) {
    parts_.log(*from_s ? "No lease may run past " + base::to_rfc3339_seconds(**from_s) + "."
                       : "The drain is cancelled.");
  }
  if (now.cards.empty() && !said_.cards.empty()) parts_.log("Offering nothing from now on.");
  said_ = std::move(now);
  return true;
}

std::string Lister::current() {
  const std::lock_guard lock(mutex_);
  refresh();
  again_at_ms_.reset();
  return message();
}

void Lister::look() {
  std::string news;
  {
    const std::lock_guard lock(mutex_);
    const bool due = again_at_ms_ && parts_.clock.steady_ms() >= *again_at_ms_;
    if (!refresh() && !due) return;
    again_at_ms_.reset();
    news = message();
  }
  parts_.say(news);
}

void Lister::put_off() {
  const std::lock_guard lock(mutex_);
  again_at_ms_ = parts_.clock.steady_ms() + kListAgainMs;
}

void Lister::withdraw() {
  {
    const std::lock_guard lock(mutex_);
    withdrawn_ = true;
  }
  look();
}

}  // namespace obelisk::host
