#include "core/host/end_notice.hpp"

#include <array>

namespace obelisk::host {
namespace {

// Last first.
constexpr std::array<base::UnixSeconds, 3> kBefore{30, 120, 600};

}  // namespace

std::optional<EndTold> end_notice(base::UnixSeconds started_at_s, base::UnixSeconds ends_at_s,
                                  base::UnixSeconds now_s, const EndTold& told) {
  const base::UnixSeconds left = ends_at_s - now_s;
  if (left <= 0) return std::nullopt;
  for (const base::UnixSeconds before_s : kBefore) {
    if (left > before_s || before_s >= ends_at_s - started_at_s) continue;
    const bool is_said = told.ends_at_s == ends_at_s && told.before_s <= before_s;
    if (is_said) return std::nullopt;
    return EndTold{ends_at_s, before_s};
  }
  return std::nullopt;
}

std::string end_words(std::string_view lease, base::UnixSeconds ends_at_s,
                      base::UnixSeconds now_s) {
  return "OBELISK: this machine and everything on it are destroyed in " +
         base::to_duration_text(static_cast<std::uint64_t>(ends_at_s - now_s)) + ", at " +
         base::to_rfc3339_seconds(ends_at_s) + ". To keep it longer, at home: obelisk extend " +
         std::string(lease) + " --for 1h";
}

}  // namespace obelisk::host
