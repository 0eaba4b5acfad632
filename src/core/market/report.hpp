// A report of abuse: the text that a wallet signs, and whether its words may be kept and shown. It
// must never have two texts for one report, nor hold what could write elsewhere than on its line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::market {

inline constexpr std::size_t kMaxReportBytes = 2000;  // of its words
// A report is signed so long before or after it arrives at most.
inline constexpr base::UnixSeconds kReportFreshS = 600;

struct Report {
  base::UnixSeconds at_s = 0;
  base::PublicKey host;
  std::optional<base::PublicKey> lease = {};
  base::PublicKey market;
  std::string reason;
  base::PublicKey reporter;
  std::string text;
};

// Canonical JSON. Its words must be UTF-8.
std::string report_text(const Report& report);

// What the reporter's key signs: OBELISKW and the text's SHA-256.
base::Bytes report_message(std::string_view text);

// invalid_input where the words are empty, too long or hold control characters other than line
// ends; forbidden where the reporter is the host itself.
base::Result<void> check_report(const Report& report);

}  // namespace obelisk::market
