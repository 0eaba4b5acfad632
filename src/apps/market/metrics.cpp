#include "apps/market/metrics.hpp"

#include <algorithm>
#include <cstdio>

namespace obelisk::market_app {
namespace {

void head(std::string& out, const char* name, const char* type, const char* help) {
  out += std::string("# HELP ") + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
}

void gauge(std::string& out, const char* name, const char* help, std::uint64_t value) {
  head(out, name, "gauge", help);
  out += std::string(name) + ' ' + std::to_string(value) + '\n';
}

// Seconds with three digits; the nearest-rank quantile of sorted values.
std::string quantile_s(const std::vector<std::uint64_t>& sorted_ms, std::size_t percent) {
  const std::size_t rank = (sorted_ms.size() * percent + 99) / 100;
  const std::uint64_t ms = sorted_ms[std::max<std::size_t>(rank, 1) - 1];
  char text[32];
  std::snprintf(text, sizeof text, "%llu.%03llu", static_cast<unsigned long long>(ms / 1000),
                static_cast<unsigned long long>(ms % 1000));
  return text;
}

void login_times(std::string& out, std::vector<std::uint64_t> login_ms) {
  constexpr const char* kName = "obelisk_time_to_login_seconds";
  head(out, kName, "gauge",
       "Confirmed payment to the first login of the watch, over the latest ended leases.");
  if (login_ms.empty()) return;
  std::ranges::sort(login_ms);
  for (const std::size_t percent : {50, 95, 99}) {
    out += std::string(kName) + "{quantile=\"0." + std::to_string(percent) + "\"} " +
           quantile_s(login_ms, percent) + '\n';
  }
}

void index_gauges(std::string& out, const std::optional<IndexGauges>& index) {
  if (!index) return;
  gauge(out, "obelisk_index_slot", "Everything on chain up to here is in the index.", index->slot);
  gauge(out, "obelisk_index_final_slot", "And cannot be undone up to here.", index->final_slot);
  gauge(out, "obelisk_index_lag_slots", "To the newest confirmed slot that a node named.",
        index->lag_slots);
  gauge(out, "obelisk_index_behind", "1 while the index is behind.", index->behind ? 1 : 0);
}

}  // namespace

void Metrics::count_request(std::string_view route, int status) {
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
}

void Metrics::set_index(const IndexGauges& index) {
  const std::lock_guard lock(mutex_);
  index_ = index;
}

std::optional<IndexGauges> Metrics::index() const {
  const std::lock_guard lock(mutex_);
  return index_;
}

std::string Metrics::text(Gauges gauges) const {
  std::string out;
  head(out, "obelisk_http_requests_total", "counter", "Requests by route and status.");
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, count] : requests_) {
      out += "obelisk_http_requests_total{route=\"" + std::string(key.first) + "\",status=\"" +
             std::to_string(key.second) + "\"} " + std::to_string(count) + '\n';
    }
  }
  head(out, "obelisk_leases", "gauge", "Leases that can still change, by state.");
  for (const auto& [state, count] : gauges.leases_by_state) {
    out += "obelisk_leases{state=\"" + state + "\"} " + std::to_string(count) + '\n';
  }
  gauge(out, "obelisk_hosts_connected", "Hosts with an open connection.", gauges.hosts_connected);
  gauge(out, "obelisk_event_streams", "Event streams that are being read.", gauges.event_streams);
  gauge(out, "obelisk_chain_answers", "1 while the chain answers.", gauges.chain_answers ? 1 : 0);
  gauge(out, "obelisk_sol_price_micro_usd", "What a SOL is worth; 0 while nobody knows.",
        gauges.micro_usd_per_sol);
  index_gauges(out, index());
  login_times(out, std::move(gauges.login_ms));
  return out;
}

}  // namespace obelisk::market_app
