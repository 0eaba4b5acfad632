// Whatever podman's stream holds: nothing is read past its end, and what comes out is part of it.
#include <cstddef>
#include <cstdint>

#include "adapters/podman/log_stream.hpp"
#include "base/check.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string joined = obelisk::podman::join_log_stream(bytes);
  CHECK(joined.size() <= size);
  return 0;
}
