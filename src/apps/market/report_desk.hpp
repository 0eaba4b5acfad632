// Takes reports of abuse: checks who signed what, keeps them for the operator, and no more of them
// than a person needs. Any thread may call. It must never act on one: words are no proof.
#pragma once

#include <string>

#include "api/types.hpp"
#include "apps/market/engine/seams.hpp"
#include "apps/market/offer_desk.hpp"
#include "core/market/report.hpp"
#include "ports/audit_store.hpp"
#include "ports/clock.hpp"
#include "ports/report_store.hpp"

namespace obelisk::market_app {

// Within a day.
inline constexpr std::uint64_t kMaxReportsPerWallet = 5;
inline constexpr std::uint64_t kMaxReportsPerRemoteAddress = 20;
inline constexpr std::uint64_t kMaxReportsWithoutLease = 1'000;  // of everybody

class ReportDesk {
 public:
  // Everything must outlive it.
  struct Parts {
    engine::Leases& leases;
    OfferDesk& offers;
    ports::ReportStore& reports;
    ports::AuditStore& audit;
    ports::Clock& clock;
  };
  ReportDesk(Parts parts, const base::PublicKey& market) : parts_(parts), market_(market) {}

  base::Result<api::KeptReport> take(const api::SignedReport& message,
                                     const std::string& remote_address);

 private:
  base::Result<market::Report> read(const api::SignedReport& message);
  base::Result<void> check_subject(const market::Report& report);
  base::Result<void> check_caps(const market::Report& report, const std::string& remote_address);

  Parts parts_;
  const base::PublicKey market_;
};

}  // namespace obelisk::market_app
