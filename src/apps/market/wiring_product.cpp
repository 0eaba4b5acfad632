#include "apps/market/wiring.hpp"

namespace obelisk::market_app {
namespace {

class Product final : public Wiring {
 public:
  std::unique_ptr<ports::Store> store(std::unique_ptr<ports::Store> real) override { return real; }
  std::unique_ptr<ports::Chain> chain(std::unique_ptr<ports::Chain> real) override { return real; }
  std::unique_ptr<ports::Chain> index_chain(std::unique_ptr<ports::Chain> real) override {
    return real;
  }
  std::unique_ptr<ports::IndexStore> index(std::unique_ptr<ports::IndexStore> real) override {
    return real;
  }
  std::unique_ptr<ports::Logins> logins(std::unique_ptr<ports::Logins> real) override {
    return real;
  }
  engine::HostLink& link(engine::HostLink& real) override { return real; }
  std::function<void(const ports::OutboxRow&)> before_work() override { return {}; }
};

}  // namespace

base::Result<std::unique_ptr<Wiring>> Wiring::make() {
  return std::unique_ptr<Wiring>(std::make_unique<Product>());
}

}  // namespace obelisk::market_app
