#include "apps/host/drain.hpp"

#include <algorithm>
#include <charconv>

#include "adapters/files/files.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

constexpr std::int64_t kMostAheadS = std::int64_t{10} * 365 * 86'400;
constexpr std::string_view kBegin = "{\"from_s\":";
constexpr std::string_view kEnd = "}\n";

std::filesystem::path file_in(const std::filesystem::path& state_dir) {
  return state_dir / "drain.json";
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && out >= 0 ? std::optional(out) : std::nullopt;
}

std::optional<std::int64_t> duration_s(std::string_view words) {
  constexpr std::string_view kUnits = "smhd";
  constexpr std::int64_t kSeconds[] = {1, 60, 3'600, 86'400};
  const std::size_t unit = kUnits.find(words.empty() ? ' ' : words.back());
  if (unit == std::string_view::npos) return std::nullopt;
  const auto count = number(words.substr(0, words.size() - 1));
  if (!count || *count > kMostAheadS) return std::nullopt;
  return *count * kSeconds[unit];
}

}  // namespace

base::Result<base::UnixSeconds> drain_from(std::string_view words, base::UnixMillis now_ms) {
  const base::UnixSeconds now_s = now_ms / 1000;
  if (words.empty()) return now_s;
  std::optional<base::UnixSeconds> out;
  if (const auto wait_s = duration_s(words)) {
    out = now_s + *wait_s;
  } else if (const auto at_ms = base::parse_rfc3339(words)) {
    out = *at_ms / 1000;
  } else if (const auto day_ms = base::parse_rfc3339(std::string(words) + "T00:00:00Z")) {
    out = *day_ms / 1000;  // a day begins at midnight, UTC
  }
  if (out && *out <= now_s + kMostAheadS) return std::max(*out, now_s);
  return Error{
      Code::usage,
      "'" + std::string(words.substr(0, 60)) + "' is no time from which to serve nothing new.",
      "Write it like 2026-12-01 or 2026-12-01T02:00:00Z, or as a time from now: 90m, 12h, "
      "3d."};
}

base::Result<base::UnixSeconds> drain_at(std::uint64_t from_s, base::UnixMillis now_ms) {
  const base::UnixSeconds now_s = now_ms / 1000;
  if (from_s <= static_cast<std::uint64_t>(now_s + kMostAheadS)) {
    return std::max(static_cast<base::UnixSeconds>(from_s), now_s);
  }
  return Error{Code::invalid_input, "That is more than ten years ahead.", "Name an earlier time."};
}

base::Result<void> write_drain(const std::filesystem::path& state_dir, base::UnixSeconds from_s) {
  return files::write_private(file_in(state_dir),
                              std::string(kBegin) + std::to_string(from_s) + std::string(kEnd));
}

base::Result<bool> cancel_drain(const std::filesystem::path& state_dir) {
  std::error_code error;
  const bool there = std::filesystem::remove(file_in(state_dir), error);
  if (!error) return there;
  return Error{Code::missing_dependency,
               file_in(state_dir).string() + " cannot be removed: " + error.message() + ".",
               "Check who owns the state folder."};
}

base::Result<std::optional<base::UnixSeconds>> read_drain(const std::filesystem::path& state_dir) {
  constexpr std::size_t kMostBytes = 200;
  const auto text = files::read_bounded(file_in(state_dir), kMostBytes);
  if (!text && text.error().code == Code::not_found) return std::optional<base::UnixSeconds>();
  if (!text) return text.error();
  std::string_view rest = *text;
  if (rest.starts_with(kBegin) && rest.ends_with(kEnd)) {
    rest.remove_prefix(kBegin.size());
    rest.remove_suffix(kEnd.size());
    if (const auto from_s = number(rest)) return std::optional<base::UnixSeconds>(*from_s);
  }
  return Error{Code::usage, file_in(state_dir).string() + " is damaged.",
               "Run obelisk-host drain again, or drain --cancel."};
}

}  // namespace obelisk::host
