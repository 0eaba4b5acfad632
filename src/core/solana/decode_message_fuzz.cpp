// Any bytes: what is accepted is written back as it was read, names nothing that is not there, and
// everything about it can be asked.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "core/solana/programs.hpp"
#include "core/solana/transaction.hpp"

namespace {

// As a node would check it again.
void check_indexes(const obelisk::solana::Message& message) {
  std::size_t accounts = message.keys.size();
  for (const auto& lookup : message.lookups) {
    accounts += lookup.writable.size() + lookup.readonly.size();
  }
  CHECK(accounts <= 256 && message.signers + message.readonly_others <= message.keys.size());
  for (const auto& instruction : message.instructions) {
    CHECK(instruction.program > 0 && instruction.program < message.keys.size());
    for (const std::uint8_t index : instruction.accounts) CHECK(index < accounts);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk;
  const base::ByteView bytes(data, size);
  const auto message = solana::decode_message(bytes);
  if (!message.ok()) return 0;
  const base::Bytes written = solana::serialize(*message);
  CHECK(std::equal(written.begin(), written.end(), bytes.begin(), bytes.end()));
  check_indexes(*message);
  CHECK(solana::instructions_of(*message).size() == message->instructions.size());
  (void)solana::network_fee(*message);
  return 0;
}
