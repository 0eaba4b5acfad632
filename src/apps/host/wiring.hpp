// Wiring: the last thing between the adapters and the parts that use them. main links one of two:
// wiring_product.cpp hands everything through; wiring_crash.cpp, of the test build alone, makes
// every operation a crash point (docs/contract.md). It must never change what an operation does.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "ports/chain.hpp"
#include "ports/containers.hpp"

namespace obelisk::host {

class Wiring {
 public:
  // What is already wrong before anything is opened.
  static base::Result<std::unique_ptr<Wiring>> make();
  virtual ~Wiring() = default;

  virtual std::unique_ptr<ports::Containers> containers(
      std::unique_ptr<ports::Containers> real) = 0;
  virtual std::unique_ptr<ports::Chain> chain(std::unique_ptr<ports::Chain> real) = 0;
  // Called right before what has no port: a step of making or destroying a lease's machine, a
  // change of the records, a message to or from the market.
  using Before = std::function<void(std::string_view what)>;
  virtual Before before() = 0;
};

}  // namespace obelisk::host
