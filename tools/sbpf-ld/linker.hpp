// The whole link, as one function: objects in, a file out, or one message that says what is wrong.
// It reads and writes no files and keeps no state, so that tests and the fuzzer call it directly.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace obelisk::sbpf_ld {

struct Input {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

struct Options {
  std::string entry = "entrypoint";
  bool with_symbols = false;
};

struct Linked {
  std::vector<std::uint8_t> image;  // empty when `error` is not
  std::string map;
  std::string error;
};

Linked link(std::vector<Input> inputs, const Options& options);

}  // namespace obelisk::sbpf_ld
