// What every Store must do, whichever one it is. It must never know how the store under test keeps
// things.
#pragma once

#include <gtest/gtest.h>

#include "core/lease/fields.hpp"
#include "core/lease/testing.hpp"
#include "stores_drivers.hpp"

namespace obelisk::conformance {

class StoreSuite : public ::testing::TestWithParam<StoresDriver> {
 protected:
  void SetUp() override {
    stores_ = GetParam().make();
    ASSERT_NE(stores_, nullptr);
    store_ = stores_->leases.get();
  }

  lease::Record get(const base::PublicKey& address) {
    auto found = store_->by_lease(address);
    EXPECT_TRUE(found.ok() && found->has_value());
    return found.ok() && *found ? **found : lease::Record{};
  }

  std::shared_ptr<ports::Stores> stores_;
  ports::Store* store_ = nullptr;
};

}  // namespace obelisk::conformance
