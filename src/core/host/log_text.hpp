// LogText: what a lease's first process printed, as text that may be shown anywhere and fits into a
// message. The bytes are a renter's program's own. Pure. It must never let a control character
// through but line feeds and tabs, nor bytes that are no UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace obelisk::host {

inline constexpr std::size_t kMaxLogBytes = 48 << 10;
// As JSON writes it, where a line feed takes six bytes.
inline constexpr std::size_t kMaxLogJsonBytes = 60'000;

struct LogText {
  std::string text;
  bool truncated = false;  // something before it was left out
};

// The last whole lines that fit; of one that is longer than all that fits, its end.
LogText log_text(std::string_view bytes);

}  // namespace obelisk::host
