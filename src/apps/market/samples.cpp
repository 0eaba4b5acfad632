#include "apps/market/samples.hpp"

#include <array>
#include <cstdio>

#include "base/check.hpp"

namespace obelisk::market_app {
namespace {

std::string decimal(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

// Microseconds as seconds.
std::string seconds(std::uint64_t us) { return decimal(static_cast<double>(us) / 1e6); }

// Values are of our own tables: what would need escaping is a mistake of ours.
bool is_plain(std::string_view value) {
  return value.find_first_of("\"\\\n") == std::string_view::npos;
}

}  // namespace

void Samples::add(Metric metric, std::string_view suffix, const Labels& labels,
                  std::string_view extra, std::string value) {
  const MetricInfo& info = info_of(metric);
  std::string names;
  std::size_t count = 0;
  for (const char* name : info.labels) {
    if (name == nullptr) break;
    CHECK(count < labels.size() && is_plain(labels[count]));
    if (count > 0) names += ',';
    names += std::string(name) + "=\"" + std::string(labels[count++]) + '"';
  }
  CHECK(count == labels.size());
  if (!extra.empty()) names += (names.empty() ? "" : ",") + std::string(extra);
  std::string& out = lines_[metric];
  out += info.name;
  out += suffix;
  if (!names.empty()) out += '{' + names + '}';
  out += ' ' + std::move(value) + '\n';
}

void Samples::set(Metric metric, std::uint64_t value, const Labels& labels) {
  CHECK(info_of(metric).kind != MetricKind::histogram);
  add(metric, "", labels, "", std::to_string(value));
}

void Samples::set_seconds(Metric metric, double seconds, const Labels& labels) {
  CHECK(info_of(metric).kind != MetricKind::histogram);
  add(metric, "", labels, "", decimal(seconds));
}

void Samples::set(Metric metric, const base::Histogram& histogram, const Labels& labels) {
  CHECK(info_of(metric).kind == MetricKind::histogram);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < base::Histogram::kBoundsUs.size(); ++i) {
    below += histogram.counts()[i];
    const std::string bound = seconds(base::Histogram::kBoundsUs[i]);
    add(metric, "_bucket", labels, "le=\"" + bound + '"', std::to_string(below));
  }
  const std::string all = std::to_string(histogram.count());
  add(metric, "_bucket", labels, "le=\"+Inf\"", all);
  add(metric, "_sum", labels, "", seconds(histogram.sum_us()));
  add(metric, "_count", labels, "", all);
}

std::string Samples::text() const {
  std::string out;
  for (const auto& [metric, lines] : lines_) {
    const MetricInfo& info = info_of(metric);
    out += std::string("# HELP ") + info.name + ' ' + info.help + "\n# TYPE " + info.name + ' ' +
           name_of(info.kind) + '\n' + lines;
  }
  return out;
}

}  // namespace obelisk::market_app
