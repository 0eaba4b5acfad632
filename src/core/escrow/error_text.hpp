// Native only. What each error code of the program means for a person, and what to do about it. The
// chain carries the number alone.
#pragma once

#include <span>
#include <string_view>

#include "core/escrow/errors.hpp"

namespace obelisk::escrow {

struct ErrorText {
  Error code;
  std::string_view name;     // as docs and the IDL spell it: "TOO_EARLY"
  std::string_view meaning;  // what happened
  std::string_view action;   // what to do
};

// Every code but `none`, in their order.
std::span<const ErrorText> error_texts();

// Null for a number that is none of ours.
const ErrorText* error_text(std::uint64_t code);

}  // namespace obelisk::escrow
