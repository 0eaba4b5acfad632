#include "apps/market/limits.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kDayMs = 86'400'000;
constexpr std::uint64_t kMany = 1'000'000;

constexpr std::array kLimits{
    Limit{"header_bytes", &Limits::header_bytes, 1024, kMiB},
    Limit{"headers", &Limits::headers, 8, 10'000},
    Limit{"url_bytes", &Limits::url_bytes, 256, kMiB},
    Limit{"body_bytes", &Limits::body_bytes, 4096, kMiB},
    Limit{"request_ms", &Limits::request_ms, 10, kDayMs},
    Limit{"write_ms", &Limits::write_ms, 10, kDayMs},
    Limit{"idle_ms", &Limits::idle_ms, 10, kDayMs},
    Limit{"bodies_bytes", &Limits::bodies_bytes, 4096, kMiB << 14},
    Limit{"waiting", &Limits::waiting, 1, kMany},
    Limit{"connections", &Limits::connections, 1, kMany},
    Limit{"connections_per_address", &Limits::connections_per_address, 1, kMany},
    Limit{"streams", &Limits::streams, 1, kMany},
    Limit{"streams_per_address", &Limits::streams_per_address, 1, kMany},
    Limit{"hosts", &Limits::hosts, 1, kMany},
    Limit{"hosts_per_address", &Limits::hosts_per_address, 1, kMany},
    Limit{"hellos", &Limits::hellos, 1, kMany},
    Limit{"hellos_per_address", &Limits::hellos_per_address, 1, kMany},
    Limit{"queued_bytes", &Limits::queued_bytes, 65'536, kMiB << 10},
    Limit{"reads_per_s", &Limits::reads_per_s, 0, kMany},
    Limit{"reads_burst", &Limits::reads_burst, 1, kMany},
    Limit{"writes_per_s", &Limits::writes_per_s, 0, kMany},
    Limit{"writes_burst", &Limits::writes_burst, 1, kMany},
    Limit{"wallet_writes_per_s", &Limits::wallet_writes_per_s, 0, kMany},
    Limit{"wallet_writes_burst", &Limits::wallet_writes_burst, 1, kMany},
    Limit{"rates_kept", &Limits::rates_kept, 16, kMany * 10},
};

// The database, the watch's logins, the chain's connections.
constexpr std::uint64_t kOwnFiles = 512;

Error wrong(std::string_view entry, const std::string& why) {
  return {Code::usage, "The limit '" + std::string(entry.substr(0, 80)) + "' " + why + ".",
          "The names, bounds and defaults are in docs/limits.md."};
}

base::Result<void> take(std::string_view entry, Limits& out) {
  const std::size_t equals = entry.find('=');
  const auto known = std::ranges::find_if(
      kLimits, [&](const Limit& limit) { return limit.name == entry.substr(0, equals); });
  if (known == kLimits.end()) return wrong(entry, "does not exist");
  const std::string_view text =
      equals == std::string_view::npos ? std::string_view() : entry.substr(equals + 1);
  const char* const end = text.data() + text.size();
  std::uint64_t value = 0;
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || value < known->least || value > known->most) {
    return wrong(entry, "is not a number from " + std::to_string(known->least) + " to " +
                            std::to_string(known->most));
  }
  out.*known->value = value;
  return {};
}

}  // namespace

std::span<const Limit> limits_known() { return kLimits; }

base::Result<Limits> limits_from(std::string_view text) {
  Limits out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!entry.empty()) TRY_VOID(take(entry, out));
  }
  return out;
}

std::uint64_t open_files_for(const Limits& limits) {
  return limits.connections + limits.hosts + limits.hellos + kOwnFiles;
}

base::Result<void> allow_open_files(std::uint64_t count) {
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur >= count) return {};
  rlimit wanted{count, std::max<rlim_t>(count, now.rlim_max)};
  if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) return {};
  return Error{Code::missing_dependency,
               "These limits need " + std::to_string(count) +
                   " open files, and this user may have " + std::to_string(now.rlim_max) + ": " +
                   std::strerror(errno) + ".",
               "Raise LimitNOFILE of the service (or ulimit -n), or set smaller `connections` and "
               "`hosts` under [limits]."};
}

}  // namespace obelisk::market_app
