// Who may still change a program, in words: nobody, once it is final. People are told before they
// pay. It must never say "final" of what could not be read.
#pragma once

#include <string>
#include <vector>

#include "ports/program_owner.hpp"

namespace obelisk::cli {

// "Program 4xTz...", "  is final: nobody can change it."
std::vector<std::string> program_lines(ports::Chain& chain, const base::PublicKey& program);

}  // namespace obelisk::cli
