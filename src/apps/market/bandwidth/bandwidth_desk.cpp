#include "apps/market/bandwidth/bandwidth_desk.hpp"

#include <algorithm>

#include "adapters/http/forwarded.hpp"
#include "base/bytes.hpp"
#include "base/crypto.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::string_view kPath = "/v1/bandwidth/";
constexpr std::string_view kUp = "/up";

Error too_often(std::int64_t wait_ms, const char* what) {
  return {Code::rate_limited, what,
          "Ask again in " + std::to_string((wait_ms + 999) / 1000) + " s. It can wait."};
}

Error no_such_ticket() {
  return {Code::not_found, "This ticket is over, or never was.", "Ask for another."};
}

std::string new_ticket() {
  base::Writer bytes;
  bytes.u64(base::random_u64());
  bytes.u64(base::random_u64());
  return base::to_hex(bytes.bytes());
}

}  // namespace

bool BandwidthDesk::is_at_work(std::string_view ticket) const {
  return now_ && now_->ticket == ticket && clock_.steady_ms() < now_->until_ms;
}

base::Result<std::string> BandwidthDesk::begin(const base::PublicKey& host,
                                               const std::string& address) {
  const std::lock_guard lock(mutex_);
  const std::int64_t now_ms = clock_.steady_ms();
  while (!begun_.empty() && begun_.front().at_ms + kHourMs <= now_ms) begun_.pop_front();
  if (now_ && now_ms < now_->until_ms) {
    return too_often(now_->until_ms - now_ms, "Another host measures its way here just now.");
  }
  const std::string group = http::address_group(address);
  const auto of_host = std::ranges::count(begun_, host, &Begun::host);
  const auto of_address = std::ranges::count(begun_, group, &Begun::address);
  if (static_cast<std::size_t>(of_host) >= kTestsPerHost ||
      static_cast<std::size_t>(of_address) >= kTestsPerAddress || begun_.size() >= kTestsOfAll) {
    return too_often(begun_.front().at_ms + kHourMs - now_ms,
                     "That was measured often enough within this hour.");
  }
  begun_.push_back({now_ms, host, group});
  now_ = Test{new_ticket(), now_ms + kTestMs};
  return now_->ticket;
}

base::Result<void> BandwidthDesk::down(std::string_view ticket, std::uint64_t bytes) {
  if (bytes == 0 || bytes > kMostTestBytes) {
    return Error{Code::invalid_input, "That many bytes are not handed out.",
                 "Ask for 1 to " + std::to_string(kMostTestBytes) + "."};
  }
  const std::lock_guard lock(mutex_);
  if (!is_at_work(ticket)) return no_such_ticket();
  if (now_->downs >= kTransfersEachWay) return too_often(0, "This ticket is used up.");
  ++now_->downs;
  return {};
}

std::size_t BandwidthDesk::begin_up(std::string_view ticket) {
  const std::lock_guard lock(mutex_);
  if (!is_at_work(ticket) || now_->ups >= kTransfersEachWay) return 0;
  ++now_->ups;
  return kMostTestBytes;
}

base::Result<void> BandwidthDesk::up(std::string_view ticket, bool more) {
  const std::lock_guard lock(mutex_);
  if (!is_at_work(ticket)) return no_such_ticket();
  if (!more || now_->ups == kTransfersEachWay) now_.reset();
  return {};
}

std::string_view ticket_in(std::string_view target) {
  target = target.substr(0, target.find('?'));
  if (!target.starts_with(kPath) || !target.ends_with(kUp)) return {};
  if (target.size() < kPath.size() + kUp.size()) return {};
  return target.substr(kPath.size(), target.size() - kPath.size() - kUp.size());
}

}  // namespace obelisk::market_app
