// CHECK(condition): for what cannot be false unless we have a bug. Always on, in every build, and
// it ends the process: money is safer in a program that restarts than in one that goes on wrong. It
// must never be used on anything that comes from outside.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace obelisk::base {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "bug: %s is false at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace obelisk::base

#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) ::obelisk::base::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
