// The one number that an insert RETURNs; what follows it is taken too, so that it is carried out.
#pragma once

#include <cstdint>

#include "base/check.hpp"
#include "base/result.hpp"

namespace obelisk::sql {

template <class Statement>
base::Result<std::uint64_t> returned(Statement& statement) {
  TRY(const bool found, statement.step());
  CHECK(found);
  const auto value = static_cast<std::uint64_t>(statement.integer(0));
  TRY(const bool more, statement.step());
  CHECK(!more);
  return value;
}

}  // namespace obelisk::sql
