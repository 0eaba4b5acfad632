// The nine instructions, one file each. Each returns 0, an error of ours, or what the runtime said.
#pragma once

#include "program/input.hpp"

namespace obelisk::program {

uint64_t create_market(const Input& input);
uint64_t update_market(const Input& input);
uint64_t open(const Input& input);
uint64_t ready(const Input& input);
uint64_t cancel(const Input& input);
uint64_t extend(const Input& input);
uint64_t claim(const Input& input);
uint64_t stop(const Input& input);
uint64_t finish(const Input& input);

inline constexpr uint64_t code(Error error) { return static_cast<uint64_t>(error); }

}  // namespace obelisk::program

// Leaves the handler with the first error.
#define RETURN_IF(condition, error)    \
  do {                                 \
    if (condition) return code(error); \
  } while (false)
#define RETURN_ERROR(expression)                                                       \
  do {                                                                                 \
    if (const Error failed = (expression); failed != Error::none) return code(failed); \
  } while (false)
