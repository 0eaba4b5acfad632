// Wiring: the last thing between the adapters and the parts that use them. main links one of two:
// wiring_product.cpp hands everything through; wiring_crash.cpp, of the test build alone, makes
// every operation a crash point (docs/contract.md). It must never change what an operation does.
#pragma once

#include <functional>
#include <memory>

#include "apps/market/engine/seams.hpp"
#include "base/result.hpp"
#include "ports/chain.hpp"
#include "ports/index_store.hpp"
#include "ports/logins.hpp"
#include "ports/store.hpp"

namespace obelisk::market_app {

class Wiring {
 public:
  // What is already wrong before anything is opened.
  static base::Result<std::unique_ptr<Wiring>> make();
  virtual ~Wiring() = default;

  virtual std::unique_ptr<ports::Store> store(std::unique_ptr<ports::Store> real) = 0;
  virtual std::unique_ptr<ports::Chain> chain(std::unique_ptr<ports::Chain> real) = 0;
  // The index's own way to the nodes, and what it keeps.
  virtual std::unique_ptr<ports::Chain> index_chain(std::unique_ptr<ports::Chain> real) = 0;
  virtual std::unique_ptr<ports::IndexStore> index(std::unique_ptr<ports::IndexStore> real) = 0;
  virtual std::unique_ptr<ports::Logins> logins(std::unique_ptr<ports::Logins> real) = 0;
  // Lives as long as the wiring; `real` must outlive its use.
  virtual engine::HostLink& link(engine::HostLink& real) = 0;
  // Called with each row of the outbox right before its work is done; may be empty.
  virtual std::function<void(const ports::OutboxRow&)> before_work() = 0;
};

}  // namespace obelisk::market_app
