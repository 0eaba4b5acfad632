// One answer of /metrics while it is made: values of metrics of the list, and of none besides. It
// must never be kept.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apps/market/metric_list.hpp"
#include "base/histogram.hpp"

namespace obelisk::market_app {

class Samples {
 public:
  using Labels = std::vector<std::string_view>;  // values, in the order of the list

  void set(Metric metric, std::uint64_t value, const Labels& labels = {});
  void set_seconds(Metric metric, double seconds, const Labels& labels = {});
  void set(Metric metric, const base::Histogram& histogram, const Labels& labels = {});

  // Prometheus text, version 0.0.4: in the order of the list, without those that have no value.
  std::string text() const;

 private:
  void add(Metric metric, std::string_view suffix, const Labels& labels, std::string_view extra,
           std::string value);

  std::map<Metric, std::string> lines_;
};

}  // namespace obelisk::market_app
