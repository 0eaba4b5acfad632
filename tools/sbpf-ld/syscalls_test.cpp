#include "tools/sbpf-ld/syscalls.hpp"

#include <gtest/gtest.h>

namespace obelisk::sbpf_ld {
namespace {

// Numbers as the runtime knows them, taken from its documentation, not from our own hash.
struct Known {
  const char* name;
  std::uint32_t number;
};
constexpr Known kKnown[] = {
    {"sol_log_", 0x207559bd},
    {"sol_log_data", 0x7317b434},
    {"sol_sha256", 0x11f49d86},
    {"sol_create_program_address", 0x9377323c},
    {"sol_invoke_signed_c", 0xa22b9c85},
    {"sol_get_sysvar", 0x13c1b505},
    {"sol_memcpy_", 0x717cc4a3},
    {"sol_set_return_data", 0xa226d3eb},
    {"abort", 0xb6fc1a11},
    {"sol_panic_", 0x686093bb},
    {"sol_curve_validate_point", 0xaa2607ca},
    {"sol_remaining_compute_units", 0xedef5aee},
};

TEST(Syscalls, NumbersAreTheRuntimes) {
  for (const Known& known : kKnown) {
    EXPECT_EQ(murmur3(known.name), known.number) << known.name;
    EXPECT_TRUE(is_syscall(known.name)) << known.name;
    EXPECT_EQ(syscall_of(known.number), known.name);
  }
}

TEST(Syscalls, HashOfEveryTailLength) {
  EXPECT_EQ(murmur3(""), 0u);
  EXPECT_EQ(murmur3("a"), 0x3c2569b2u);
  EXPECT_EQ(murmur3("ab"), 0x9bbfd75fu);
  EXPECT_EQ(murmur3("abc"), 0xb3dd93fau);
  EXPECT_EQ(murmur3("abcd"), 0x43ed676au);
}

TEST(Syscalls, OtherNamesAreRefused) {
  for (const char* name : {"sol_log", "sol_log__", "SOL_LOG_", "malloc", "", "sol_alloc_free_"}) {
    EXPECT_FALSE(is_syscall(name)) << name;
  }
  EXPECT_TRUE(syscall_of(0x12345678).empty());
}

}  // namespace
}  // namespace obelisk::sbpf_ld
