#include "apps/host/lister.hpp"

#include <algorithm>

#include "apps/host/config.hpp"
#include "apps/host/drain.hpp"
#include "apps/host/listing.hpp"

namespace obelisk::host {

api::Listing listing_at(const api::Listing& whole, const OwnerWords& words,
                        base::UnixSeconds now_s) {
  api::Listing out = whole;
  if (words.offer.micro_usd_per_hour) out.micro_usd_per_hour = *words.offer.micro_usd_per_hour;
  // The settings may say a shorter longest one since.
  if (words.offer.min_seconds) {
    out.min_seconds = std::min(*words.offer.min_seconds, out.max_seconds);
  }
  if (!words.drain_from_s) return out;
  const base::UnixSeconds from_s = *words.drain_from_s;
  out.maintenance_from_s = static_cast<std::uint64_t>(std::max<std::int64_t>(from_s, 0));
  if (from_s <= now_s) out.cards.clear();
  return out;
}

namespace {

std::string names_of(const std::vector<api::ListedImage>& images) {
  std::string out;
  for (const api::ListedImage& image : images) {
    out += (out.empty() ? "" : ", ") + image.template_.value_or(image.digest.substr(0, 19));
  }
  return out;
}

}  // namespace

Lister::Lister(Parts parts) : parts_(std::move(parts)), said_(parts_.whole) {
  // The settings' price is nobody's promise where the owner set another.
  refresh();
  before_.clear();
  // Nor is anything offered while nobody knows what the owner set: a floor may be in it.
  if (!trouble_.empty()) said_.cards.clear();
}

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

base::Result<OwnerWords> Lister::read_words() const {
  OwnerWords out;
  TRY(out.drain_from_s, read_drain(parts_.state_dir));
  TRY(out.offer, read_offer(parts_.state_dir));
  return out;
}

void Lister::remember(const api::Listing& before) {
  const std::int64_t now_ms = parts_.clock.steady_ms();
  std::erase_if(before_, [&](const Before& one) { return one.until_ms < now_ms; });
  before_.push_back({now_ms + kPromisedMs, before.micro_usd_per_hour,
                     before.min_seconds.value_or(0), before.images});
}

api::Listing Lister::promised() {
  const std::lock_guard lock(mutex_);
  const std::int64_t now_ms = parts_.clock.steady_ms();
  api::Listing out = parts_.whole;
  out.micro_usd_per_hour = said_.micro_usd_per_hour;
  out.min_seconds = said_.min_seconds;
  out.images = said_.images;
  for (const Before& one : before_) {
    if (one.until_ms < now_ms) continue;
    out.micro_usd_per_hour = std::min(out.micro_usd_per_hour, one.micro_usd_per_hour);
    if (out.min_seconds) out.min_seconds = std::min(*out.min_seconds, one.min_seconds);
    std::ranges::copy_if(one.images, std::back_inserter(out.images), [&](const auto& image) {
      return std::ranges::find(out.images, image) == out.images.end();
    });
  }
  return out;
}

void Lister::look_at_images(api::Listing& now) const {
  if (!parts_.images) return;
  auto images = parts_.images();
  if (images) {
    now.images = *std::move(images);
  } else {
    now.cards.clear();  // there is nothing that a lease could start from
  }
}

bool Lister::refresh() {
  const auto read = read_words();
  if (!read) {
    // What it said before stands: nobody knows what was meant.
    const std::string words = read.error().message + " " + read.error().action;
    if (std::exchange(trouble_, words) != words) parts_.log(words);
    return false;
  }
  trouble_.clear();
  const auto& from_s = read->drain_from_s;
  const base::UnixMillis now_ms = parts_.clock.now_ms();
  api::Listing now = listing_at(parts_.whole, *read, now_ms / 1000);
  look_at_images(now);
  if (withdrawn_) now.cards.clear();
  now.seq = said_.seq;
  if (now == said_) return false;
  now.seq = std::max<std::uint64_t>(said_.seq + 1, static_cast<std::uint64_t>(now_ms));
  if (now.maintenance_from_s != said_.maintenance_from_s) {
    parts_.log(from_s ? "No lease may run past " + base::to_rfc3339_seconds(*from_s) + "."
                      : "The drain is cancelled.");
  }
  if (now.micro_usd_per_hour != said_.micro_usd_per_hour || now.min_seconds != said_.min_seconds) {
    parts_.log("Offering at $" + dollars_from(now.micro_usd_per_hour) + "/h a card, for " +
               base::to_duration_text(now.min_seconds.value_or(60)) + " or more.");
    remember(said_);
  }
  if (now.images != said_.images) {
    parts_.log("Images for leases: " + names_of(now.images) + ".");
    remember(said_);
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
