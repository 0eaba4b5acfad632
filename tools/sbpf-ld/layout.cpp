// The place of every piece: code in the order it was reached, the entry's section first; constants
// after eight zero bytes, so that no object of the program has the address 0, which in version 3 is
// the first byte of the constants and would compare equal to a null pointer. The section for
// strangers comes last among them, so that it can have a section header of its own.
#include <algorithm>

#include "tools/sbpf-ld/failure.hpp"
#include "tools/sbpf-ld/program.hpp"

namespace obelisk::sbpf_ld {
namespace {

std::uint64_t round_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

}  // namespace

void layout(Program& program) {
  std::uint64_t text_size = 0;
  std::uint64_t read_only_size = kInstruction;
  for (const bool security_txt : {false, true}) {
    for (Piece& piece : program.pieces) {
      if (piece.is_security_txt() != security_txt) continue;
      std::uint64_t& size = piece.is_text ? text_size : read_only_size;
      piece.offset = round_up(size, piece.is_text ? kInstruction : piece.source().align);
      size = piece.offset + piece.bytes.size();
      if (security_txt) program.security_txt = piece.offset;
    }
  }
  program.text.assign(text_size, 0);
  const bool has_read_only = read_only_size > kInstruction;
  program.read_only.assign(has_read_only ? round_up(read_only_size, kInstruction) : 0, 0);
}

}  // namespace obelisk::sbpf_ld
