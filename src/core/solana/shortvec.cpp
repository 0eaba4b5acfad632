#include "core/solana/shortvec.hpp"

namespace obelisk::solana {

void put_shortvec(base::Writer& out, std::uint16_t value) {
  unsigned rest = value;
  while (rest > 0x7f) {
    out.u8(static_cast<std::uint8_t>((rest & 0x7f) | 0x80));
    rest >>= 7;
  }
  out.u8(static_cast<std::uint8_t>(rest));
}

std::optional<std::uint16_t> read_shortvec(base::Reader& in) {
  unsigned value = 0;
  for (unsigned at = 0; at < 3; ++at) {
    const unsigned byte = in.u8();
    if (!in.ok()) return std::nullopt;
    // A last byte of zero adds nothing: the same number has a shorter form.
    if (at > 0 && byte == 0) return std::nullopt;
    if (at == 2 && byte > 3) return std::nullopt;
    value |= (byte & 0x7f) << (7 * at);
    if (byte < 0x80) return static_cast<std::uint16_t>(value);
  }
  return std::nullopt;
}

}  // namespace obelisk::solana
