// libFuzzer: any bytes as an object. A link ends with a file or a message, never with a crash, and
// a file that came out has its segments within itself.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "tools/sbpf-ld/test_object.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk::sbpf_ld;
  const Linked linked = link({{"fuzz.o", std::vector<std::uint8_t>(data, data + size)}}, {});
  if (linked.error.empty() == linked.image.empty()) std::abort();
  if (linked.error.empty() && load_image(linked.image).text.empty()) std::abort();
  return 0;
}
