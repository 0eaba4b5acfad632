#include "tools/sbpf-ld/syscalls.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace obelisk::sbpf_ld {
namespace {

constexpr std::array<std::string_view, 29> kSyscalls = {
    "abort",
    "sol_blake3",
    "sol_create_program_address",
    "sol_curve_validate_point",
    "sol_get_clock_sysvar",
    "sol_get_epoch_schedule_sysvar",
    "sol_get_last_restart_slot",
    "sol_get_processed_sibling_instruction",
    "sol_get_rent_sysvar",
    "sol_get_return_data",
    "sol_get_stack_height",
    "sol_get_sysvar",
    "sol_invoke_signed_c",
    "sol_keccak256",
    "sol_log_",
    "sol_log_64_",
    "sol_log_compute_units_",
    "sol_log_data",
    "sol_log_pubkey",
    "sol_memcmp_",
    "sol_memcpy_",
    "sol_memmove_",
    "sol_memset_",
    "sol_panic_",
    "sol_remaining_compute_units",
    "sol_secp256k1_recover",
    "sol_set_return_data",
    "sol_sha256",
    "sol_try_find_program_address",
};

constexpr std::uint32_t scramble(std::uint32_t block) {
  return std::rotl(block * 0xcc9e2d51u, 15) * 0x1b873593u;
}

}  // namespace

std::uint32_t murmur3(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return std::uint32_t{static_cast<std::uint8_t>(text[i])};
  };
  std::uint32_t hash = 0;
  std::size_t at = 0;
  for (; at + 4 <= text.size(); at += 4) {
    const std::uint32_t block =
        byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24;
    hash = std::rotl(hash ^ scramble(block), 13) * 5 + 0xe6546b64u;
  }
  std::uint32_t tail = 0;
  for (std::size_t i = text.size(); i > at; --i) tail = tail << 8 | byte(i - 1);
  if (at < text.size()) hash ^= scramble(tail);
  hash ^= static_cast<std::uint32_t>(text.size());
  hash = (hash ^ hash >> 16) * 0x85ebca6bu;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
  return hash ^ hash >> 16;
}

bool is_syscall(std::string_view name) {
  return std::binary_search(kSyscalls.begin(), kSyscalls.end(), name);
}

std::string_view syscall_of(std::uint32_t number) {
  for (const std::string_view name : kSyscalls) {
    if (murmur3(name) == number) return name;
  }
  return {};
}

}  // namespace obelisk::sbpf_ld
