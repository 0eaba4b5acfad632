#include "core/watch/limits.hpp"

#include <algorithm>
#include <string>

namespace obelisk::watch {
namespace {

double filled(double left, double most, double per_s, std::int64_t passed_ms) {
  return std::min(most, left + per_s * static_cast<double>(passed_ms) / 1000);
}

base::Error worn_out(const char* whose) {
  return {base::Code::rate_limited, std::string("The watch was asked too often ") + whose + ".",
          "Ask again later: honest work needs far less."};
}

}  // namespace

// What one lease needs at most: a quote, once; a `ready`
// for each that expired; an attestation a minute of chain time, which a local network may warp;
// looks four a second while its machine is made.
Limits::Rate Limits::of_one(Act act) {
  switch (act) {
    case Act::quote: return {4, 0.1};
    case Act::ready: return {12, 0.5};
    case Act::attest: return {20, 1};
    case Act::dark: return {6, 0.2};
    case Act::settle: return {12, 0.1};
    case Act::login: return {40, 5};
  }
  return {0, 0};
}

Limits::Rate Limits::of_all(Act act) {
  switch (act) {
    case Act::quote: return {2'000, 1'000};
    case Act::ready: return {400, 100};
    case Act::attest: return {20'000, 2'000};
    case Act::dark: return {1'000, 20};
    case Act::settle: return {1'000, 20};
    case Act::login: return {4'000, 1'000};
  }
  return {0, 0};
}

bool Limits::take(Bucket& bucket, const Rate& rate, std::int64_t steady_ms) {
  if (!bucket.begun) bucket = {rate.most, steady_ms, true};
  bucket.left = filled(bucket.left, rate.most, rate.per_s,
                       std::max<std::int64_t>(0, steady_ms - bucket.at_ms));
  bucket.at_ms = std::max(bucket.at_ms, steady_ms);
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

void Limits::make_room(std::int64_t steady_ms) {
  std::erase_if(leases_, [&](const auto& entry) {
    for (std::size_t i = 0; i < kActs; ++i) {
      const Bucket& bucket = entry.second[i];
      const Rate rate = of_one(static_cast<Act>(i));
      if (!bucket.begun) continue;
      if (filled(bucket.left, rate.most, rate.per_s, steady_ms - bucket.at_ms) < rate.most) {
        return false;
      }
    }
    return true;
  });
}

base::Result<void> Limits::take(Act act, const base::PublicKey& lease, std::int64_t steady_ms) {
  const auto at = static_cast<std::size_t>(act);
  if (!leases_.contains(lease) && leases_.size() >= kMostLeasesLimited) {
    make_room(steady_ms);
    if (leases_.size() >= kMostLeasesLimited) return worn_out("of too many leases");
  }
  if (!take(leases_[lease][at], of_one(act), steady_ms)) return worn_out("for this lease");
  if (!take(all_[at], of_all(act), steady_ms)) return worn_out("in all");
  return {};
}

}  // namespace obelisk::watch
