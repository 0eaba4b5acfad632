#include "apps/market/read_cache.hpp"

namespace obelisk::market_app {

bool is_public_read(api::Operation operation) {
  using enum api::Operation;
  return operation == list_cards || operation == list_offers || operation == get_description;
}

ReadCache::Found ReadCache::find(std::string_view target, std::uint64_t version) {
  if (target.size() > kMaxCachedTarget) return {};
  const std::int64_t now_ms = clock_.steady_ms();
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(std::string(target));
  if (at == entries_.end()) return {};
  Entry& entry = at->second;
  const std::int64_t age_ms = now_ms - entry.made_ms;
  if (entry.version != version || age_ms >= kCachedMs) return {};
  if (age_ms >= kRenewedMs && !entry.renewing) {
    entry.renewing = true;
    return {};
  }
  return {entry.answer, entry.route};
}

void ReadCache::keep(std::string target, std::string_view route, std::uint64_t version,
                     const http::Response& response) {
  if (response.status != 200 || target.size() > kMaxCachedTarget) return;
  auto answer = std::make_shared<const http::Prepared>(response);
  const std::int64_t now_ms = clock_.steady_ms();
  const std::lock_guard lock(mutex_);
  if (!entries_.contains(target) &&
      (entries_.size() >= kMaxCached || bytes_ + answer->bytes() > kMaxCachedBytes)) {
    make_room(now_ms);
    if (entries_.size() >= kMaxCached || bytes_ + answer->bytes() > kMaxCachedBytes) return;
  }
  Entry& entry = entries_[std::move(target)];
  // An answer that took longer than a later one must not replace it.
  if (entry.answer != nullptr && entry.version > version) return;
  if (entry.answer != nullptr) bytes_ -= entry.answer->bytes();
  bytes_ += answer->bytes();
  entry = {std::move(answer), route, version, now_ms, false};
}

void ReadCache::make_room(std::int64_t now_ms) {
  std::erase_if(entries_, [&](const auto& named) {
    const bool is_old = now_ms - named.second.made_ms >= kCachedMs;
    if (is_old) bytes_ -= named.second.answer->bytes();
    return is_old;
  });
}

std::size_t ReadCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace obelisk::market_app
