#include "apps/host/offer/offer_file.hpp"

#include <charconv>
#include <sstream>
#include <string>

#include "adapters/files/files.hpp"
#include "core/escrow/bounds.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kPrice = "micro_usd_per_hour ";
constexpr std::string_view kLeast = "min_seconds ";
constexpr std::uint64_t kMostMicroUsd = 1'000'000'000;

std::filesystem::path file_in(const std::filesystem::path& state_dir) {
  return state_dir / "offer";
}

std::optional<std::uint64_t> number(std::string_view text, std::uint64_t least,
                                    std::uint64_t most) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && out >= least && out <= most ? std::optional(out) : std::nullopt;
}

// False where the line is none of ours.
bool take_line(std::string_view line, OfferWords& out) {
  if (line.starts_with(kPrice)) {
    out.micro_usd_per_hour = number(line.substr(kPrice.size()), 1, kMostMicroUsd);
    return out.micro_usd_per_hour.has_value();
  }
  if (!line.starts_with(kLeast)) return false;
  const auto read = number(line.substr(kLeast.size()), escrow::kMinSeconds, escrow::kMaxSeconds);
  if (read) out.min_seconds = static_cast<std::uint32_t>(*read);
  return read.has_value();
}

}  // namespace

base::Result<std::uint32_t> min_seconds_from(std::string_view minutes) {
  constexpr std::uint32_t kMinute = 60;
  const auto read = number(minutes, 1, escrow::kMaxSeconds / kMinute);
  if (read) return static_cast<std::uint32_t>(*read) * kMinute;
  return Error{Code::usage, "'" + std::string(minutes.substr(0, 20)) + "' is no number of minutes.",
               "Give a whole number from 1, the least there is, to 525600."};
}

base::Result<void> write_offer(const std::filesystem::path& state_dir, const OfferWords& words) {
  std::string text;
  if (words.micro_usd_per_hour) {
    text += std::string(kPrice) + std::to_string(*words.micro_usd_per_hour) + "\n";
  }
  if (words.min_seconds) text += std::string(kLeast) + std::to_string(*words.min_seconds) + "\n";
  return files::write_private(file_in(state_dir), text);
}

base::Result<OfferWords> read_offer(const std::filesystem::path& state_dir) {
  constexpr std::size_t kMostBytes = 200;
  const auto text = files::read_bounded(file_in(state_dir), kMostBytes);
  if (!text && text.error().code == Code::not_found) return OfferWords{};
  if (!text) return text.error();
  OfferWords out;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    if (take_line(line, out)) continue;
    return Error{Code::usage, file_in(state_dir).string() + " is damaged.",
                 "Say it again: obelisk-host list --price USD --min-minutes N, or --as-settings."};
  }
  return out;
}

}  // namespace obelisk::host
