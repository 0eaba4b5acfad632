// How much comes and goes between this host and its market: measured over one connection, kept over
// restarts. It must never be measured while leases stand, and no figure is made up where the market
// is away or has no time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "api/types.hpp"
#include "apps/host/config.hpp"
#include "base/public_key.hpp"
#include "base/time.hpp"
#include "core/host/finding.hpp"
#include "ports/clock.hpp"
#include "ports/signer.hpp"

namespace obelisk::host {

struct Way {
  std::uint64_t download_bits_per_s = 0;
  std::uint64_t upload_bits_per_s = 0;
  base::UnixMillis at_ms = 0;
  std::string market_url;

  bool operator==(const Way&) const = default;
};

// So old, it is measured again.
inline constexpr base::UnixMillis kWayLastsMs = 7 * 86'400'000;

// Nothing where none is kept of this market.
std::optional<Way> kept_way(const std::filesystem::path& state_dir, const std::string& market_url);
base::Result<void> keep_way(const std::filesystem::path& state_dir, const Way& way);

// A short transfer each way, and a long one where that was quick. rate_limited where the market has
// no time for it.
base::Result<Way> measure_way(const std::string& market_url, const base::PublicKey& market,
                              ports::Signer& signer, ports::Clock& clock);

// `bytes` in that time, as bits a second; no less than 1 ms is believed.
std::uint64_t bits_per_s(std::uint64_t bytes, std::int64_t elapsed_us);
// "812 Mbps", "0.4 Mbps".
std::string mbps_text(std::uint64_t bits_per_s);

// What a start does: what is kept, or measured anew where it is old and no lease stands. What fails
// is said by `log`.
std::optional<Way> way_for(const Config& config, const base::PublicKey& market,
                           ports::Signer& signer, ports::Clock& clock,
                           const std::function<void(const std::string&)>& log);
void add_way(api::Listing& listing, const std::optional<Way>& way);

// Of what way_for() found: for `check`.
Finding judge_way(const std::optional<Way>& way, const std::string& why_not);

}  // namespace obelisk::host
