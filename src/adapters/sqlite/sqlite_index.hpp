// The IndexStore on one SQLite file of its own. It must never be opened for another program's
// history than the one it holds.
#pragma once

#include <memory>
#include <string>

#include "ports/index_store.hpp"

namespace obelisk::sqlite {

// Opens or creates the file and brings it to this version's form. refused: it holds the history of
// another program.
base::Result<std::unique_ptr<ports::IndexStore>> open_index(const std::string& path,
                                                            const base::PublicKey& program);

// The program whose history the file holds; nothing where there is no such file.
base::Result<std::optional<base::PublicKey>> program_of_index(const std::string& path);

// Puts the index at `built`, which nobody has open any more, in the place of the one at `path`: in
// one step, so that at every moment there is one or the other.
base::Result<void> replace_index(const std::string& built, const std::string& path);

}  // namespace obelisk::sqlite
