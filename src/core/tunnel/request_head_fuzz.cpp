// libFuzzer over what a stranger may send a gateway's web door: a head that is taken is the same
// without what follows it, and by no beginning of itself; what is made of it keeps its bounds.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "core/tunnel/entry.hpp"
#include "core/tunnel/public_ports.hpp"
#include "core/tunnel/request_head.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk::tunnel;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (const auto ports = PublicPorts::from(bytes)) CHECK(ports->text() == bytes);
  const auto read = read_head(bytes);
  const auto* head = std::get_if<RequestHead>(&read);
  if (head == nullptr) return 0;
  CHECK(head->size <= kMaxHeadBytes && head->size <= size);
  CHECK(std::holds_alternative<RequestHead>(read_head(bytes.substr(0, head->size))));
  CHECK(!std::holds_alternative<RequestHead>(read_head(bytes.substr(0, head->size - 1))));
  (void)door_of(*head, "localhost");
  for (const bool is_tls : {false, true}) {
    const auto entry = decide_entry(*head, {{{}, 80}, {}, {}, is_tls, 1'800'000'000});
    CHECK(!std::holds_alternative<Enter>(entry));  // nobody signed anything
  }
  if (const auto target = target_without_pass(head->target)) {
    CHECK(target->starts_with('/') && !target->starts_with("//") && !target->starts_with("/\\"));
    CHECK(target->find_first_of("\r\n") == target->npos);
  }
  return 0;
}
