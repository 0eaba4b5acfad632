// Any bytes as each thing that the program leaves on chain: what is accepted is written back as it
// was read.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "core/escrow/codec.hpp"

namespace {

using obelisk::base::Bytes;
using obelisk::base::ByteView;

void check_same(const Bytes& written, ByteView read) {
  CHECK(std::equal(written.begin(), written.end(), read.begin(), read.end()));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk;
  const ByteView bytes(data, size);
  if (const auto market = escrow::parse_market(bytes)) {
    check_same(escrow::encode_market(*market), bytes);
  }
  if (const auto lease = escrow::parse_lease(bytes)) {
    CHECK(lease->state >= escrow::State{1} && lease->state <= escrow::State::closing);
    check_same(escrow::encode_lease(*lease), bytes);
  }
  if (const auto event = escrow::parse_event(bytes)) {
    CHECK(event->tag >= escrow::Tag::open && event->tag <= escrow::Tag::finish);
    CHECK(event->state <= escrow::State::closing);
    check_same(escrow::encode_event(*event), bytes);
  }
  if (const auto attestation = escrow::parse_attestation(bytes)) {
    check_same(escrow::encode_attestation(*attestation), bytes);
  }
  return 0;
}
