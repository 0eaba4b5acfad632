#include "apps/market/metrics.hpp"

#include "base/error.hpp"
#include "core/lease/record.hpp"

namespace obelisk::market_app {

Metrics::Metrics() { start_at_zero(); }

// A counter that appears with its first event hides that event from whoever watches its growth.
void Metrics::start_at_zero() {
  counts_[{Metric::quotes_made, "", ""}] = 0;
  for (auto code = base::Code::internal;;) {
    counts_[{Metric::quotes_refused, std::string(base::code_name(code)), ""}] = 0;
    if (code == base::Code::unsupported) break;
    code = static_cast<base::Code>(static_cast<int>(code) + 1);
  }
  for (auto outcome = lease::Outcome::never_paid;;) {
    counts_[{Metric::leases_ended, std::string(lease::to_string(outcome)), ""}] = 0;
    if (outcome == lease::Outcome::ran_to_the_end) break;
    outcome = static_cast<lease::Outcome>(static_cast<int>(outcome) + 1);
  }
  for (const char* kind : {"open_seen", "ready_confirmed", "login_failed", "host_dark", "refused",
                           "not_ready", "attested", "contested", "ended"}) {
    counts_[{Metric::lease_events, kind, ""}] = 0;
  }
  for (const char* what : {"ready", "cancel", "claim", "stop_dark", "finish"}) {
    for (const char* result : {"confirmed", "failed", "expired", "in_doubt", "not_sent"}) {
      counts_[{Metric::transactions, what, result}] = 0;
    }
  }
  times_[Metric::time_to_login] = {};
}

void Metrics::count_request(std::string_view route, int status, std::uint64_t us) {
  const std::lock_guard lock(mutex_);
  OfRoute& of_route = routes_[route];
  ++of_route.by_status[status];
  of_route.times.add(us);
}

void Metrics::count_request(std::string_view route, int status) {
  const std::lock_guard lock(mutex_);
  ++routes_[route].by_status[status];
}

void Metrics::count(Metric metric, std::string_view first, std::string_view second) {
  const std::lock_guard lock(mutex_);
  ++counts_[{metric, std::string(first), std::string(second)}];
}

void Metrics::took(Metric metric, std::uint64_t us) {
  const std::lock_guard lock(mutex_);
  times_[metric].add(us);
}

void Metrics::set_index(const IndexGauges& index) {
  const std::lock_guard lock(mutex_);
  index_ = index;
}

void Metrics::add_counted(Samples& samples) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [route, of_route] : routes_) {
    for (const auto& [status, count] : of_route.by_status) {
      samples.set(Metric::http_requests, count, {route, std::to_string(status)});
    }
    samples.set(Metric::http_request_seconds, of_route.times, {route});
  }
  for (const auto& [key, count] : counts_) {
    const auto& [metric, first, second] = key;
    Samples::Labels labels;
    if (!first.empty()) labels.push_back(first);
    if (!second.empty()) labels.push_back(second);
    samples.set(metric, count, labels);
  }
  for (const auto& [metric, times] : times_) samples.set(metric, times);
  if (!index_) return;
  samples.set(Metric::index_slot, index_->slot);
  samples.set(Metric::index_final_slot, index_->final_slot);
  samples.set(Metric::index_lag_slots, index_->lag_slots);
  samples.set(Metric::index_behind, index_->behind ? 1 : 0);
}

std::string Metrics::text(const std::function<void(Samples&)>& more) const {
  Samples samples;
  add_counted(samples);
  for (const auto& part : parts_) part(samples);
  if (more) more(samples);
  return samples.text();
}

}  // namespace obelisk::market_app
