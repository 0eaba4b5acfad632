// The numbered steps of the index's own database; see migrations.hpp.
#pragma once

#include <span>

namespace obelisk::sqlite {

std::span<const char* const> index_migrations();

}  // namespace obelisk::sqlite
