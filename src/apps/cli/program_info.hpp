// Who may still change a program: nobody, once it is final. People are told before they pay. It
// must never say "final" of what it could not read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/chain.hpp"

namespace obelisk::cli {

struct ProgramInfo {
  bool final = false;
  std::optional<base::PublicKey> authority;  // who may replace it
};

base::Result<ProgramInfo> program_info(ports::Chain& chain, const base::PublicKey& program);
// "Program 4xTz...", "  is final: nobody can change it."
std::vector<std::string> program_lines(const base::PublicKey& program,
                                       const base::Result<ProgramInfo>& info);

}  // namespace obelisk::cli
