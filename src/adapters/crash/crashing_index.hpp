// An IndexStore whose every call is a crash point first. It must never change what a call does or
// answers.
#pragma once

#include <memory>

#include "adapters/crash/crash_point.hpp"
#include "ports/index_store.hpp"

namespace obelisk::crash {

class CrashingIndex final : public ports::IndexStore {
 public:
  CrashingIndex(std::unique_ptr<ports::IndexStore> real, CrashPoint& point)
      : real_(std::move(real)), point_(point) {}

  base::Result<index::Progress> progress() override;
  base::Result<void> put_page(const std::vector<index::Listed>& news, bool first,
                              const index::Progress& progress) override;
  base::Result<std::vector<index::Listed>> waiting_after(std::uint64_t slot) override;
  base::Result<std::optional<base::Signature>> anchor(std::uint64_t slot) override;
  base::Result<std::optional<index::TransactionRow>> transaction(
      const base::Signature& signature) override;
  base::Result<std::vector<index::StepRow>> steps_of(const base::Signature& signature) override;
  base::Result<std::vector<index::StepRow>> steps_of_lease(const base::PublicKey& lease) override;
  base::Result<std::vector<index::TransactionRow>> provisional_to(std::uint64_t slot,
                                                                  std::size_t limit) override;
  base::Result<std::vector<base::PublicKey>> open_leases(const base::PublicKey& after,
                                                         std::size_t limit) override;
  base::Result<std::vector<index::LeaseRow>> leases_at(const base::PublicKey& lease) override;
  base::Result<ports::IndexTotals> totals() override;
  base::Result<void> write(const ports::IndexWrite& what) override;

 private:
  const std::unique_ptr<ports::IndexStore> real_;
  CrashPoint& point_;
};

}  // namespace obelisk::crash
