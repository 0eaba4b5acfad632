#include "apps/market/pulls/pull_desk.hpp"

#include <algorithm>
#include <optional>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "core/market/image_reference.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::size_t kMaxMessage = 300;

// One host and one image are one pull, whoever asks.
std::string id_of(const base::PublicKey& host, const std::string& reference) {
  base::Writer bytes;
  bytes.put(host.view());
  bytes.put(std::string_view(reference));
  return base::to_hex(base::sha256(bytes.bytes()).view().first(8));
}

// An outsider's words, as a page or a terminal may show them.
std::string plain(const std::string& words) {
  std::string out = words.substr(0, kMaxMessage);
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

Error no_such_offer() {
  return {Code::not_found, "There is no such offer now.", "See GET /v1/offers."};
}

}  // namespace

base::Result<void> PullDesk::check_caps(const base::PublicKey& host,
                                        const base::PublicKey& wallet) {
  const std::int64_t now_ms = clock_.steady_ms();
  while (!begun_by_.empty() && begun_by_.front().first + kHourMs < now_ms) begun_by_.pop_front();
  const auto by_wallet =
      std::ranges::count(begun_by_, wallet, &std::pair<std::int64_t, base::PublicKey>::second);
  if (static_cast<std::size_t>(by_wallet) >= kPullsPerWallet) {
    return Error{Code::rate_limited, "This wallet had six images brought within an hour.",
                 "Ask later, or rent with an image that is there."};
  }
  const auto there = std::ranges::count_if(pulls_, [&](const auto& entry) {
    return entry.second.host == host && !entry.second.is_over();
  });
  if (static_cast<std::size_t>(there) >= kPullsPerHost || pulls_.size() >= kMaxPulls) {
    return Error{Code::rate_limited, "This host is bringing other images now.",
                 "Ask again in a minute, or ask another host."};
  }
  return {};
}

base::Result<api::ImagePull> PullDesk::begin(const api::ImagePullRequest& request,
                                             const base::PublicKey& wallet) {
  TRY(const market::ImageReference reference, market::parse_reference(request.reference));
  market::Search wanted;
  wanted.offer = request.offer;
  const auto found = offers_.fitting(wanted, 1);
  if (found.empty()) return no_such_offer();
  const market::Offer& offer = found.front()->offer;
  const std::string id = id_of(offer.host, reference.text());
  api::ImagePull out{id, offer.id, reference.text(), reference.digest, api::PullStep::asking, 0,
                     0,  {}};
  if (market::find_image(offer.images, {.digest = reference.digest}) != nullptr) {
    out.step = api::PullStep::ready;
    return out;
  }
  if (offer.pulls_max_bytes == 0) {
    return Error{Code::refused, "This host brings no images for renters.",
                 "Take one of its own, or search with pulls>0."};
  }
  const std::lock_guard lock(mutex_);
  const auto at = pulls_.find(id);
  if (at != pulls_.end() && !at->second.is_over()) return at->second.now;
  TRY_VOID(check_caps(offer.host, wallet));
  if (!tell_(offer.host, api::to_json(api::MarketPull{"pull", reference.text()}))) {
    return Error{Code::unreachable, "This host is not connected now.", "Take another offer."};
  }
  begun_by_.emplace_back(clock_.steady_ms(), wallet);
  pulls_[id] = {out, offer.host, clock_.steady_ms()};
  return out;
}

base::Result<api::ImagePull> PullDesk::look(const std::string& pull) {
  std::optional<api::ImagePull> out;
  {
    const std::lock_guard lock(mutex_);
    const auto at = pulls_.find(pull);
    if (at != pulls_.end()) out = at->second.now;
  }
  if (out && out->step == api::PullStep::ready && !is_listed(*out)) {
    out->step = api::PullStep::unpacking;  // what can be quoted now is in the host's listing
  }
  if (out) return *std::move(out);
  return Error{Code::not_found, "Nobody asked for that, or it is long over.",
               "Ask with POST /v1/pulls."};
}

bool PullDesk::is_listed(const api::ImagePull& pull) {
  market::Search wanted;
  wanted.offer = pull.offer;
  const auto found = offers_.fitting(wanted, 1);
  return !found.empty() &&
         market::find_image(found.front()->offer.images, {.digest = pull.digest}) != nullptr;
}

void PullDesk::heard(const base::PublicKey& host, const api::HostPulling& message) {
  const std::lock_guard lock(mutex_);
  const auto at = pulls_.find(id_of(host, message.reference));
  if (at == pulls_.end() || at->second.is_over()) return;
  Pull& pull = at->second;
  pull.heard_at_ms = clock_.steady_ms();
  pull.now.step = message.step;
  pull.now.done_bytes = message.done_bytes;
  pull.now.all_bytes = message.all_bytes;
  if (message.message) pull.now.message = plain(*message.message);
}

void PullDesk::fail(Pull& pull, std::string why) {
  pull.now.step = api::PullStep::failed;
  pull.now.message = std::move(why);
}

void PullDesk::host_gone(const base::PublicKey& host) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, pull] : pulls_) {
    if (pull.host == host && !pull.is_over()) fail(pull, "The host's connection broke.");
  }
}

void PullDesk::sweep() {
  const std::lock_guard lock(mutex_);
  const std::int64_t now_ms = clock_.steady_ms();
  for (auto& [id, pull] : pulls_) {
    if (!pull.is_over() && now_ms - pull.heard_at_ms > kPullSilenceMs) {
      fail(pull, "The host said nothing of it for a minute.");
    }
  }
  std::erase_if(pulls_,
                [&](const auto& entry) { return now_ms - entry.second.heard_at_ms > kPullKeptMs; });
}

}  // namespace obelisk::market_app
