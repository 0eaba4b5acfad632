// The ReportStore in memory, for tests and the simulator.
#pragma once

#include <algorithm>
#include <mutex>

#include "ports/report_store.hpp"

namespace obelisk::fake {

class MemoryReportStore : public ports::ReportStore {
 public:
  base::Result<std::uint64_t> add(const ports::ReportRow& row) override {
    const std::lock_guard lock(mutex_);
    const auto same = std::ranges::find(rows_, row.signature, &ports::ReportRow::signature);
    if (same != rows_.end()) return same->seq;
    rows_.push_back(row);
    return rows_.back().seq = rows_.size();
  }
  base::Result<std::optional<ports::ReportRow>> by_signature(
      const base::Signature& signature) override {
    const std::lock_guard lock(mutex_);
    const auto at = std::ranges::find(rows_, signature, &ports::ReportRow::signature);
    return at == rows_.end() ? std::optional<ports::ReportRow>() : std::optional(*at);
  }
  base::Result<ports::ReportCounts> counts(const base::PublicKey& reporter,
                                           std::string_view remote_address,
                                           base::UnixMillis since_ms) override {
    const std::lock_guard lock(mutex_);
    ports::ReportCounts out;
    for (const ports::ReportRow& row : rows_) {
      if (row.at_ms < since_ms) continue;
      if (row.reporter == reporter) ++out.by_reporter;
      if (row.remote_address == remote_address) ++out.from_address;
      if (!row.lease) ++out.without_lease;
    }
    return out;
  }
  base::Result<std::vector<ports::ReportRow>> newest(std::uint64_t before_seq,
                                                     std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    std::vector<ports::ReportRow> out;
    for (auto at = rows_.rbegin(); at != rows_.rend() && out.size() < limit; ++at) {
      if (before_seq == 0 || at->seq < before_seq) out.push_back(*at);
    }
    return out;
  }

 private:
  std::mutex mutex_;
  std::vector<ports::ReportRow> rows_;
};

}  // namespace obelisk::fake
