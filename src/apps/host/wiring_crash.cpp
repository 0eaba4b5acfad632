#include "adapters/crash/crash_point.hpp"
#include "adapters/crash/crashing_chain.hpp"
#include "adapters/crash/crashing_containers.hpp"
#include "apps/host/wiring.hpp"

namespace obelisk::host {
namespace {

class Crashing final : public Wiring {
 public:
  explicit Crashing(std::unique_ptr<crash::CrashPoint> point) : point_(std::move(point)) {}

  std::unique_ptr<ports::Containers> containers(std::unique_ptr<ports::Containers> real) override {
    return std::make_unique<crash::CrashingContainers>(std::move(real), *point_);
  }
  std::unique_ptr<ports::Chain> chain(std::unique_ptr<ports::Chain> real) override {
    return std::make_unique<crash::CrashingChain>(std::move(real), *point_);
  }
  Before before() override {
    return [this](std::string_view what) { point_->hit(what); };
  }

 private:
  const std::unique_ptr<crash::CrashPoint> point_;
};

}  // namespace

base::Result<std::unique_ptr<Wiring>> Wiring::make() {
  TRY(auto point, crash::from_environment());
  return std::unique_ptr<Wiring>(std::make_unique<Crashing>(std::move(point)));
}

}  // namespace obelisk::host
