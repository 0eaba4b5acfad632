#include "apps/cli/program_info.hpp"

namespace obelisk::cli {

std::vector<std::string> program_lines(ports::Chain& chain, const base::PublicKey& program) {
  const std::string name = "Program " + program.to_string();
  const auto owner = ports::read_program_owner(chain, program);
  if (!owner) return {name, "  Who may change it could not be read."};
  if (owner->is_final) return {name, "  It is final: nobody can change it."};
  return {name, "  It is not final: " + owner->authority->to_string() + " may change it."};
}

}  // namespace obelisk::cli
