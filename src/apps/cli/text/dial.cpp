#include "apps/cli/text/dial.hpp"

#include <algorithm>

#include "base/time.hpp"

namespace obelisk::cli {
namespace {

constexpr std::int64_t kMarks = 20;  // three seconds of the minute each

std::string face(std::int64_t elapsed, std::int64_t limit) {
  if (limit <= 0) limit = 1;
  elapsed = std::clamp<std::int64_t>(elapsed, 0, limit);
  // Divided first where the product might not fit; the face has twenty marks, not more.
  const std::int64_t at =
      limit > (std::int64_t{1} << 56) ? elapsed / (limit / kMarks) : elapsed * kMarks / limit;
  const auto marks = static_cast<std::size_t>(std::clamp<std::int64_t>(at, 0, kMarks));
  std::string out = "[" + std::string(marks, '=');
  if (marks < kMarks) out += '>' + std::string(kMarks - marks - 1, ' ');
  return out + "]";
}

}  // namespace

std::string dial(std::int64_t elapsed_ms, std::int64_t limit_ms) {
  return face(elapsed_ms, limit_ms) + " " +
         std::to_string(std::max<std::int64_t>(elapsed_ms, 0) / 1000) + " s of " +
         std::to_string(limit_ms / 1000);
}

std::string time_dial(std::int64_t elapsed_s, std::int64_t limit_s) {
  return face(elapsed_s, limit_s) + " " + base::to_duration_text(elapsed_s) + " of " +
         base::to_duration_text(limit_s);
}

}  // namespace obelisk::cli
