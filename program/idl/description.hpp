// The program as a table: its accounts, instructions and event. The sizes and offsets come from the
// structs of core/escrow, the errors from its texts; nothing is written down a second time but
// names.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/escrow/event.hpp"
#include "core/escrow/instruction_set.hpp"
#include "core/escrow/layout.hpp"
#include "program/idl/types.hpp"

namespace obelisk::idl {

struct AccountDescription {
  std::string_view name;
  std::size_t size;
  std::uint8_t kind;
  std::vector<Field> fields;
};

struct InstructionDescription {
  std::string_view name;
  escrow::Tag tag;
  std::size_t data_length;
  std::string_view docs;
  std::vector<AccountUse> accounts;
  std::vector<Field> arguments;
};

std::vector<AccountDescription> accounts();
std::vector<InstructionDescription> instructions();
// After the four bytes "OBK1".
std::vector<Field> event_fields();

}  // namespace obelisk::idl
