// Times as values: integer milliseconds and seconds since 1970 (UTC), and their RFC 3339 text.
// Nothing here reads a clock; clocks are a port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace obelisk::base {

using UnixMillis = std::int64_t;
using UnixSeconds = std::int64_t;

// "2026-11-22T12:00:00.123Z"; years 1970 to 9999, anything else is clamped to them.
std::string to_rfc3339(UnixMillis time_ms);
// "2026-11-22T12:00:00Z".
std::string to_rfc3339_seconds(UnixSeconds time_s);
// Reads "2026-11-22T12:00:00[.fraction]Z" (RFC 3339 in UTC, as APIs write it); what is finer than a
// millisecond is cut. Nothing for another form, another zone or a day that does not exist.
std::optional<UnixMillis> parse_rfc3339(std::string_view text);
// For people: "42 min", "4 s", "1 h 03 min", "2 d 04 h".
std::string to_duration_text(std::int64_t seconds);

}  // namespace obelisk::base
