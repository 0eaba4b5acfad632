#include "core/host/finding.hpp"

#include <algorithm>

#include "base/canonical_json.hpp"

namespace obelisk::host {
namespace {

std::string_view sign_of(Level level) {
  switch (level) {
    case Level::ok: return "ok";
    case Level::warning: return "!";
    case Level::error: return "x";
  }
  return "";
}

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::ok: return "ok";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "";
}

Level worst(const std::vector<Finding>& findings) {
  Level out = Level::ok;
  for (const Finding& finding : findings) out = std::max(out, finding.level);
  return out;
}

std::vector<std::string> to_lines(const std::vector<Finding>& findings) {
  constexpr std::size_t kIdColumns = 12;
  std::vector<std::string> out;
  for (const Finding& finding : findings) {
    std::string line(sign_of(finding.level));
    line.resize(4, ' ');
    line += finding.id;
    line.resize(std::max(line.size() + 1, 4 + kIdColumns), ' ');
    out.push_back(line + finding.text);
    if (!finding.fix.empty()) out.push_back(std::string(4 + kIdColumns, ' ') + finding.fix);
  }
  return out;
}

std::string to_json(const std::vector<Finding>& findings) {
  using base::CanonicalJson;
  CanonicalJson::Array rows;
  for (const Finding& finding : findings) {
    rows.emplace_back(CanonicalJson::Object{{"id", finding.id},
                                            {"level", std::string(to_string(finding.level))},
                                            {"text", finding.text},
                                            {"fix", finding.fix}});
  }
  return CanonicalJson(CanonicalJson::Object{{"level", std::string(to_string(worst(findings)))},
                                             {"findings", std::move(rows)}})
      .text();
}

}  // namespace obelisk::host
