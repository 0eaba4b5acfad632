#include "apps/host/wiring.hpp"

namespace obelisk::host {
namespace {

class Product final : public Wiring {
 public:
  std::unique_ptr<ports::Containers> containers(std::unique_ptr<ports::Containers> real) override {
    return real;
  }
  std::unique_ptr<ports::Chain> chain(std::unique_ptr<ports::Chain> real) override { return real; }
  Before before() override {
    return [](std::string_view) {};
  }
};

}  // namespace

base::Result<std::unique_ptr<Wiring>> Wiring::make() {
  return std::unique_ptr<Wiring>(std::make_unique<Product>());
}

}  // namespace obelisk::host
