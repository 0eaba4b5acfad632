// What every Store must do, whichever one it is. A driver names its own factory and instantiates
// the suite; it must never know how the store under test keeps things.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "core/lease/fields.hpp"
#include "core/lease/testing.hpp"
#include "ports/store.hpp"

namespace obelisk::conformance {

struct StoreDriver {
  const char* name;
  // An empty store that lives as long as the returned object.
  std::function<std::shared_ptr<ports::Store>()> make;
};

class StoreSuite : public ::testing::TestWithParam<StoreDriver> {
 protected:
  void SetUp() override { store_ = GetParam().make(); }

  lease::Record get(const base::PublicKey& address) {
    auto found = store_->by_lease(address);
    EXPECT_TRUE(found.ok() && found->has_value());
    return found.ok() && *found ? **found : lease::Record{};
  }

  std::shared_ptr<ports::Store> store_;
};

}  // namespace obelisk::conformance
