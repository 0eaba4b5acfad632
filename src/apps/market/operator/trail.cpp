// `obelisk-market audit` and `reports`: what was done, and what was said, newest first.
#include "apps/market/operator/verbs.hpp"
#include "base/canonical_json.hpp"

namespace obelisk::market_app::operators {
namespace {

using base::CanonicalJson;

CanonicalJson number(std::uint64_t value) { return {static_cast<std::int64_t>(value)}; }

// {"NAME":[...]}, and "next" where there may be more.
std::string page(const char* name, CanonicalJson::Array items, std::optional<std::uint64_t> next) {
  CanonicalJson::Object out{{name, std::move(items)}};
  if (next) out.emplace("next", number(*next));
  return CanonicalJson(std::move(out)).text() + "\n";
}

template <class Row>
std::optional<std::uint64_t> next_of(const std::vector<Row>& rows, std::size_t limit) {
  if (rows.size() < limit || rows.empty() || rows.back().seq <= 1) return std::nullopt;
  return rows.back().seq;
}

}  // namespace

std::string plain_line(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
    // C1 controls in UTF-8 begin with 0xC2: without it what follows writes nothing.
    if (byte == 0xc2) c = '?';
  }
  return out;
}

Words show_audit(const TrailRequest& request, ports::AuditStore& audit) {
  TRY(const auto rows, audit.newest(request.before, request.limit));
  CanonicalJson::Array items;
  std::string lines;
  for (const ports::AuditRow& row : rows) {
    items.emplace_back(CanonicalJson::Object{{"number", number(row.seq)},
                                             {"at", base::to_rfc3339(row.at_ms)},
                                             {"who", row.who},
                                             {"what", row.what},
                                             {"subject", row.subject},
                                             {"words", row.words}});
    lines += std::to_string(row.seq) + "  " + base::to_rfc3339_seconds(row.at_ms / 1000) + "  " +
             plain_line(row.what) + "  " + plain_line(row.subject) + "  by " + plain_line(row.who) +
             (row.words.empty() ? "" : "\n    " + plain_line(row.words)) + "\n";
  }
  const auto next = next_of(rows, request.limit);
  if (request.json) return page("audit", std::move(items), next);
  if (rows.empty()) return std::string("Nothing yet.\n");
  if (next) lines += "More: --before " + std::to_string(*next) + "\n";
  return lines;
}

Words show_reports(const TrailRequest& request, ports::ReportStore& reports) {
  TRY(const auto rows, reports.newest(request.before, request.limit));
  CanonicalJson::Array items;
  std::string lines;
  for (const ports::ReportRow& row : rows) {
    CanonicalJson::Object item{{"number", number(row.seq)},
                               {"at", base::to_rfc3339(row.at_ms)},
                               {"host", row.host.to_string()},
                               {"reason", row.reason},
                               {"text", row.text},
                               {"reporter", row.reporter.to_string()},
                               {"remote_address", row.remote_address},
                               {"report", row.said},
                               {"signature", row.signature.to_string()}};
    if (row.lease) item.emplace("lease", row.lease->to_string());
    items.emplace_back(std::move(item));
    lines += std::to_string(row.seq) + "  " + base::to_rfc3339_seconds(row.at_ms / 1000) +
             "  host " + row.host.to_string() + "  " + plain_line(row.reason) + "\n    by " +
             row.reporter.to_string() +
             (row.lease ? ", renter of lease " + row.lease->to_string() : "") + "\n    " +
             plain_line(row.text) + "\n";
  }
  const auto next = next_of(rows, request.limit);
  if (request.json) return page("reports", std::move(items), next);
  if (rows.empty()) return std::string("No reports.\n");
  if (next) lines += "More: --before " + std::to_string(*next) + "\n";
  return lines;
}

}  // namespace obelisk::market_app::operators
