#include "core/market/report.hpp"

#include <algorithm>

#include "base/canonical_json.hpp"
#include "base/crypto.hpp"

namespace obelisk::market {

std::string report_text(const Report& report) {
  base::CanonicalJson::Object out{
      {"at_s", std::int64_t{report.at_s}},       {"host", report.host.to_string()},
      {"market", report.market.to_string()},     {"reason", report.reason},
      {"reporter", report.reporter.to_string()}, {"text", report.text},
  };
  if (report.lease) out.emplace("lease", report.lease->to_string());
  return base::CanonicalJson(std::move(out)).text();
}

base::Bytes report_message(std::string_view text) {
  base::Writer out;
  out.put(std::string_view("OBELISKW"));
  out.put(base::sha256(base::view_of(text)).view());
  return out.bytes();
}

base::Result<void> check_report(const Report& report) {
  const bool plain = std::ranges::none_of(report.text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n') || byte == 0x7f;
  });
  const bool blank = std::ranges::all_of(report.text, [](char c) { return c == ' ' || c == '\n'; });
  if (!plain || blank || report.text.size() > kMaxReportBytes) {
    return base::Error{base::Code::invalid_input,
                       "The words of a report are missing, too long or not plain text.",
                       "Write 1 to 2000 bytes of text, without control characters."};
  }
  if (report.reporter == report.host) {
    return base::Error{base::Code::forbidden, "A host cannot report itself.",
                       "Sign with the wallet that rented, or with another one."};
  }
  return {};
}

}  // namespace obelisk::market
