#include "adapters/crash/crash_point.hpp"
#include "adapters/crash/crashing_chain.hpp"
#include "adapters/crash/crashing_index.hpp"
#include "adapters/crash/crashing_store.hpp"
#include "apps/market/wiring.hpp"

namespace obelisk::market_app {
namespace {

using crash::CrashPoint;

class CrashingLink final : public engine::HostLink {
 public:
  CrashingLink(engine::HostLink& real, CrashPoint& point) : real_(real), point_(point) {}
  bool send_lease(const base::PublicKey& host, const api::MarketLease& wish) override {
    point_.hit("link.send_lease");
    return real_.send_lease(host, wish);
  }
  bool send_attestation(const base::PublicKey& host,
                        const api::MarketAttestation& attestation) override {
    point_.hit("link.send_attestation");
    return real_.send_attestation(host, attestation);
  }

 private:
  engine::HostLink& real_;
  CrashPoint& point_;
};

class CrashingLogins final : public ports::Logins {
 public:
  CrashingLogins(std::unique_ptr<ports::Logins> real, CrashPoint& point)
      : real_(std::move(real)), point_(point) {}
  watch::LoginAnswer log_in(const lease::Quote& quote, const lease::SshAccess& access,
                            bool check_card) override {
    point_.hit("watch.log_in");
    return real_->log_in(quote, access, check_card);
  }
  const std::string& public_key() const override { return real_->public_key(); }

 private:
  const std::unique_ptr<ports::Logins> real_;
  CrashPoint& point_;
};

class Crashing final : public Wiring {
 public:
  explicit Crashing(std::unique_ptr<CrashPoint> point) : point_(std::move(point)) {}

  std::unique_ptr<ports::Store> store(std::unique_ptr<ports::Store> real) override {
    return std::make_unique<crash::CrashingStore>(std::move(real), *point_);
  }
  std::unique_ptr<ports::Chain> chain(std::unique_ptr<ports::Chain> real) override {
    return std::make_unique<crash::CrashingChain>(std::move(real), *point_);
  }
  std::unique_ptr<ports::Chain> index_chain(std::unique_ptr<ports::Chain> real) override {
    return std::make_unique<crash::CrashingChain>(std::move(real), *point_, "index_chain");
  }
  std::unique_ptr<ports::IndexStore> index(std::unique_ptr<ports::IndexStore> real) override {
    return std::make_unique<crash::CrashingIndex>(std::move(real), *point_);
  }
  std::unique_ptr<ports::Logins> logins(std::unique_ptr<ports::Logins> real) override {
    return std::make_unique<CrashingLogins>(std::move(real), *point_);
  }
  engine::HostLink& link(engine::HostLink& real) override {
    link_ = std::make_unique<CrashingLink>(real, *point_);
    return *link_;
  }
  std::function<void(const ports::OutboxRow&)> before_work() override {
    return [this](const ports::OutboxRow& row) { point_->hit("outbox." + row.kind); };
  }

 private:
  const std::unique_ptr<CrashPoint> point_;
  std::unique_ptr<CrashingLink> link_;
};

}  // namespace

base::Result<std::unique_ptr<Wiring>> Wiring::make() {
  TRY(auto point, crash::from_environment());
  return std::unique_ptr<Wiring>(std::make_unique<Crashing>(std::move(point)));
}

}  // namespace obelisk::market_app
