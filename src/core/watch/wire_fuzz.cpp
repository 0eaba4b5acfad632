// Whatever a stolen market writes is either one line of the language, written as we would write it,
// or nothing.
#include "base/check.hpp"
#include "core/watch/wire.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk::watch;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto ask = ask_from(line)) CHECK(to_line(*ask) == line);
  if (const auto answer = answer_from(line)) (void)to_line(*answer);
  return 0;
}
