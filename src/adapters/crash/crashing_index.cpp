#include "adapters/crash/crashing_index.hpp"

namespace obelisk::crash {

using base::Result;

Result<index::Progress> CrashingIndex::progress() {
  point_.hit("index.progress");
  return real_->progress();
}

Result<void> CrashingIndex::put_page(const std::vector<index::Listed>& news, bool first,
                                     const index::Progress& progress) {
  point_.hit("index.put_page");
  return real_->put_page(news, first, progress);
}

Result<std::vector<index::Listed>> CrashingIndex::waiting_after(std::uint64_t slot) {
  point_.hit("index.waiting_after");
  return real_->waiting_after(slot);
}

Result<std::optional<base::Signature>> CrashingIndex::anchor(std::uint64_t slot) {
  point_.hit("index.anchor");
  return real_->anchor(slot);
}

Result<std::optional<index::TransactionRow>> CrashingIndex::transaction(
    const base::Signature& signature) {
  point_.hit("index.transaction");
  return real_->transaction(signature);
}

Result<std::vector<index::StepRow>> CrashingIndex::steps_of(const base::Signature& signature) {
  point_.hit("index.steps_of");
  return real_->steps_of(signature);
}

Result<std::vector<index::StepRow>> CrashingIndex::steps_of_lease(const base::PublicKey& lease) {
  point_.hit("index.steps_of_lease");
  return real_->steps_of_lease(lease);
}

Result<std::vector<index::TransactionRow>> CrashingIndex::provisional_to(std::uint64_t slot,
                                                                         std::size_t limit) {
  point_.hit("index.provisional_to");
  return real_->provisional_to(slot, limit);
}

Result<std::vector<base::PublicKey>> CrashingIndex::open_leases(const base::PublicKey& after,
                                                                std::size_t limit) {
  point_.hit("index.open_leases");
  return real_->open_leases(after, limit);
}

Result<std::vector<index::LeaseRow>> CrashingIndex::leases_at(const base::PublicKey& lease) {
  point_.hit("index.leases_at");
  return real_->leases_at(lease);
}

Result<ports::IndexTotals> CrashingIndex::totals() {
  point_.hit("index.totals");
  return real_->totals();
}

Result<void> CrashingIndex::write(const ports::IndexWrite& what) {
  point_.hit("index.write");
  return real_->write(what);
}

}  // namespace obelisk::crash
