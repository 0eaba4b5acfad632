#include "apps/host/bandwidth/way.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "adapters/files/files.hpp"
#include "apps/host/bandwidth/transfers.hpp"
#include "apps/host/records.hpp"

namespace obelisk::host {
namespace {

constexpr std::size_t kMostBytes = 4096;
constexpr std::uint64_t kMostBits = 1'000'000'000'000'000;  // what a listing may say
constexpr std::uint64_t kSlowBits = 100'000'000;

std::filesystem::path file_in(const std::filesystem::path& state_dir) {
  return state_dir / "bandwidth";
}

template <class Number>
bool read_number(const std::string& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

bool no_lease_stands(const Config& config) {
  std::vector<std::string> damaged;
  return Records(config.state_dir / "leases").look(damaged).empty() && damaged.empty();
}

}  // namespace

// Four lines: the market, when, down, up.
std::optional<Way> kept_way(const std::filesystem::path& state_dir, const std::string& market_url) {
  const auto text = files::read_bounded(file_in(state_dir), kMostBytes);
  if (!text) return std::nullopt;
  std::istringstream lines(*text);
  Way out;
  std::string at;
  std::string down;
  std::string up;
  const bool is_whole = std::getline(lines, out.market_url) && std::getline(lines, at) &&
                        std::getline(lines, down) && std::getline(lines, up);
  if (!is_whole || out.market_url != market_url || !read_number(at, out.at_ms) ||
      !read_number(down, out.download_bits_per_s) || !read_number(up, out.upload_bits_per_s) ||
      out.download_bits_per_s > kMostBits || out.upload_bits_per_s > kMostBits) {
    return std::nullopt;
  }
  return out;
}

base::Result<void> keep_way(const std::filesystem::path& state_dir, const Way& way) {
  return files::write_private(file_in(state_dir),
                              way.market_url + "\n" + std::to_string(way.at_ms) + "\n" +
                                  std::to_string(way.download_bits_per_s) + "\n" +
                                  std::to_string(way.upload_bits_per_s) + "\n");
}

std::uint64_t bits_per_s(std::uint64_t bytes, std::int64_t elapsed_us) {
  constexpr std::int64_t kLeastUs = 1'000;
  const auto us = static_cast<std::uint64_t>(std::max(elapsed_us, kLeastUs));
  const auto bits = static_cast<unsigned __int128>(bytes) * 8 * 1'000'000 / us;
  return static_cast<std::uint64_t>(std::min<unsigned __int128>(bits, kMostBits));
}

std::string mbps_text(std::uint64_t bits) {
  constexpr std::uint64_t kTenth = 100'000;
  const std::uint64_t tenths = (bits + kTenth / 2) / kTenth;
  std::string out = std::to_string(tenths / 10);
  if (tenths < 100) out += "." + std::to_string(tenths % 10);
  return out + " Mbps";
}

base::Result<Way> measure_way(const std::string& market_url, const base::PublicKey& market,
                              ports::Signer& signer, ports::Clock& clock) {
  Way out;
  out.market_url = market_url;
  TRY(Transfers transfers, Transfers::begin(market_url, market, signer, clock));
  TRY(out.download_bits_per_s, transfers.down());
  TRY(out.upload_bits_per_s, transfers.up());
  out.at_ms = clock.now_ms();
  return out;
}

std::optional<Way> way_for(const Config& config, const base::PublicKey& market,
                           ports::Signer& signer, ports::Clock& clock,
                           const std::function<void(const std::string&)>& log) {
  const auto kept = kept_way(config.state_dir, config.market_url);
  const base::UnixMillis now_ms = clock.now_ms();
  const bool is_fresh = kept && kept->at_ms <= now_ms && now_ms - kept->at_ms < kWayLastsMs;
  if (is_fresh || !no_lease_stands(config)) return kept;
  const auto way = measure_way(config.market_url, market, signer, clock);
  if (!way) {
    log("The way to the market was not measured: " + way.error().message);
    return kept;
  }
  log("The market gives " + mbps_text(way->download_bits_per_s) + " and takes " +
      mbps_text(way->upload_bits_per_s) + ".");
  if (const auto done = keep_way(config.state_dir, *way); !done) log(done.error().message);
  return *way;
}

void add_way(api::Listing& listing, const std::optional<Way>& way) {
  if (!way) return;
  listing.download_bits_per_s = way->download_bits_per_s;
  listing.upload_bits_per_s = way->upload_bits_per_s;
}

Finding judge_way(const std::optional<Way>& way, const std::string& why_not) {
  if (!way) {
    return {"bandwidth", Level::warning,
            "The way to the market was not measured" + (why_not.empty() ? "." : ": " + why_not),
            "It is tried again when the host starts; renters see no figure until then."};
  }
  const std::string text = "The market gives " + mbps_text(way->download_bits_per_s) +
                           " and takes " + mbps_text(way->upload_bits_per_s) +
                           " over one connection.";
  if (way->download_bits_per_s >= kSlowBits) return {"bandwidth", Level::ok, text, ""};
  return {"bandwidth", Level::warning, text,
          "Renters who load images and models wait long: use a line of 100 Mbps or more."};
}

}  // namespace obelisk::host
