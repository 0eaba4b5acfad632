// A database as one file: taken while others write it, and looked at before it is trusted. It must
// never leave half a file under the name that was asked for, nor replace one that is there.
#pragma once

#include <span>
#include <string>

#include "base/result.hpp"

namespace obelisk::sqlite {

// Copies all that was committed at one moment into `to` (0600), which must not exist; on disk when
// it returns.
base::Result<void> copy_database(const std::string& from, const std::string& to);

// Puts a copy of `from` in the place of `path`, which nobody may have open. What was there is one
// file at `kept_as`, which must not exist. Whenever the machine stops, `path` is the old one whole
// or the new one whole.
base::Result<void> replace_database(const std::string& from, const std::string& path,
                                    const std::string& kept_as);

// How many of `steps` it has. Refuses a file that is damaged, no database of these steps, or newer
// than they are.
base::Result<std::size_t> check_database(const std::string& file,
                                         std::span<const char* const> steps);

}  // namespace obelisk::sqlite
