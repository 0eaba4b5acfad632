// Any bytes: what is accepted is written back as it was read, and everything about it can be asked.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "core/solana/programs.hpp"
#include "core/solana/transaction.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk;
  const base::ByteView bytes(data, size);
  const auto transaction = solana::decode_transaction(bytes);
  if (!transaction.ok()) return 0;
  const base::Bytes written = transaction->wire();
  CHECK(std::equal(written.begin(), written.end(), bytes.begin(), bytes.end()));
  CHECK(transaction->signatures().size() == transaction->message().signers);
  CHECK(transaction->needs(transaction->message().payer()));
  (void)transaction->missing();
  return 0;
}
