#include "apps/market/metric_list.hpp"

namespace obelisk::market_app {

const char* name_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter: return "counter";
    case MetricKind::gauge: return "gauge";
    case MetricKind::histogram: return "histogram";
  }
  return "untyped";
}

std::string metric_table() {
  std::string out = "| name | kind | labels | what it says |\n|---|---|---|---|\n";
  for (const MetricInfo& info : kMetricList) {
    std::string labels;
    for (const char* label : info.labels) {
      if (label != nullptr) labels += (labels.empty() ? "`" : ", `") + std::string(label) + "`";
    }
    out += "| `" + std::string(info.name) + "` | " + name_of(info.kind) + " | " + labels + " | " +
           info.help + " |\n";
  }
  return out;
}

}  // namespace obelisk::market_app
