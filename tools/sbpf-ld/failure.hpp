// The linker's one way to give up: a message that names the file, the section and the offset, and
// says what to do. It is thrown inside the linker and caught in link(); it never passes link().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace obelisk::sbpf_ld {

struct Failure {
  std::string message;
};

[[noreturn]] inline void fail(std::string message) { throw Failure{std::move(message)}; }

// A number as the tools print offsets and addresses: 0x1f8.
inline std::string hex(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + text;
}

}  // namespace obelisk::sbpf_ld
