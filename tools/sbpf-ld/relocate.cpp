// Writes the final addresses into the pieces and joins them. The three kinds of relocation clang
// makes for a BPF object, and what becomes of each:
//   call      a syscall's number, or the distance to a function in instructions
//   lddw      an address into the two halves of a 16-byte load
//   pointer   an address into eight bytes of data (string tables, function tables)
#include <algorithm>
#include <limits>

#include "tools/sbpf-ld/failure.hpp"
#include "tools/sbpf-ld/program.hpp"
#include "tools/sbpf-ld/syscalls.hpp"

namespace obelisk::sbpf_ld {
namespace {

// LLVM's numbers (the BPF page of its documentation).
constexpr std::uint32_t kLoadAddress = 1;  // R_BPF_64_64
constexpr std::uint32_t kPointer = 2;      // R_BPF_64_ABS64
constexpr std::uint32_t kCall = 10;        // R_BPF_64_32

constexpr std::uint8_t kOpCall = 0x85;
constexpr std::uint8_t kOpLddw = 0x18;

class Relocator {
 public:
  Relocator(Program& program, const SymbolTable& symbols) : program_(program), symbols_(symbols) {}

  void apply(Piece& piece, const Relocation& relocation) {
    const Symbol& named = piece.object->symbols[relocation.symbol];
    const Definition target = symbols_.resolve(*piece.object, relocation.symbol);
    switch (relocation.type) {
      case kCall:
        return target ? call_function(piece, relocation, target)
                      : call_syscall(piece, relocation, named.name);
      case kLoadAddress:
        return load_address(piece, relocation, defined(piece, relocation, target, named.name));
      case kPointer:
        return pointer(piece, relocation, defined(piece, relocation, target, named.name));
      default:
        fail(piece.where(relocation.offset) + ": relocation type " +
             std::to_string(relocation.type) + " against " + std::string(named.name) +
             " is not one clang makes for a program: compile without -g and with -mcpu=v2");
    }
  }

 private:
  Definition defined(const Piece& piece, const Relocation& relocation, const Definition& target,
                     std::string_view name) const {
    if (target) return target;
    fail(piece.where(relocation.offset) + ": " + std::string(name) +
         " is defined nowhere: add the object that has it");
  }

  std::uint64_t address(const Definition& target) const {
    return program_.piece_of(target).address() + target.symbol->value;
  }

  // A whole instruction of the wanted opcode must lie at the relocation.
  void expect(const Piece& piece, const Relocation& relocation, std::uint8_t opcode,
              std::uint64_t size, const char* what) const {
    const bool ok = piece.is_text && relocation.offset % kInstruction == 0 &&
                    fits(relocation.offset, size, piece.bytes.size()) &&
                    piece.bytes[relocation.offset] == opcode;
    if (!ok) fail(piece.where(relocation.offset) + ": a relocation for " + what + " is on none");
  }

  static void set_source(Piece& piece, std::uint64_t at, std::uint8_t source) {
    std::uint8_t& registers = piece.bytes[at + 1];
    registers = static_cast<std::uint8_t>((registers & 0x0f) | source << 4);
  }

  void call_syscall(Piece& piece, const Relocation& relocation, std::string_view name) {
    expect(piece, relocation, kOpCall, kInstruction, "a call");
    if (!is_syscall(name)) {
      fail(piece.where(relocation.offset) + ": " + std::string(name) +
           " is neither defined nor a syscall: define it, or correct its name");
    }
    program_.syscalls.insert(name);
    set_source(piece, relocation.offset, 0);
    store(std::span(piece.bytes), relocation.offset + 4, murmur3(name));
  }

  void call_function(Piece& piece, const Relocation& relocation, const Definition& target) {
    expect(piece, relocation, kOpCall, kInstruction, "a call");
    const Piece& home = program_.piece_of(target);
    const std::string name(target.symbol->name);
    if (!home.is_text) fail(piece.where(relocation.offset) + ": a call of " + name + ", no code");
    // The addend stands in the instruction, counted in instructions and less one.
    const auto stored = *load<std::int32_t>(piece.bytes, relocation.offset + 4);
    const std::int64_t addend = (std::int64_t{stored} + 1) * 8;
    if (addend != 0 && target.symbol->kind != SymbolKind::section) {
      fail(piece.where(relocation.offset) + ": a call into the middle of " + name);
    }
    const auto from = static_cast<std::int64_t>(piece.offset + relocation.offset);
    const auto base = static_cast<std::int64_t>(home.offset + target.symbol->value);
    const std::int64_t to = base + addend;
    if (to % 8 != 0 || to < static_cast<std::int64_t>(home.offset) ||
        to >= static_cast<std::int64_t>(home.offset + home.bytes.size())) {
      fail(piece.where(relocation.offset) + ": a call outside the code of " + name);
    }
    set_source(piece, relocation.offset, 1);
    store(std::span(piece.bytes), relocation.offset + 4,
          static_cast<std::int32_t>((to - from) / 8 - 1));
  }

  void load_address(Piece& piece, const Relocation& relocation, const Definition& target) {
    expect(piece, relocation, kOpLddw, 2 * kInstruction, "a 16-byte load");
    const std::uint64_t low = *load<std::uint32_t>(piece.bytes, relocation.offset + 4);
    const std::uint64_t high = *load<std::uint32_t>(piece.bytes, relocation.offset + 12);
    const std::uint64_t value = address(target) + (low | high << 32);
    set_source(piece, relocation.offset, 0);
    store(std::span(piece.bytes), relocation.offset + 4, static_cast<std::uint32_t>(value));
    store(std::span(piece.bytes), relocation.offset + 12, static_cast<std::uint32_t>(value >> 32));
  }

  void pointer(Piece& piece, const Relocation& relocation, const Definition& target) {
    const auto addend = load<std::uint64_t>(piece.bytes, relocation.offset);
    if (!addend || piece.is_text) {
      fail(piece.where(relocation.offset) + ": a pointer is not within constant data");
    }
    store(std::span(piece.bytes), relocation.offset, address(target) + *addend);
  }

  Program& program_;
  const SymbolTable& symbols_;
};

}  // namespace

void relocate(Program& program, const SymbolTable& symbols) {
  Relocator relocator(program, symbols);
  for (Piece& piece : program.pieces) {
    for (const Relocation& relocation : piece.source().relocations) {
      relocator.apply(piece, relocation);
    }
    if (piece.bytes.empty()) continue;  // its segment may have no byte at all
    auto& segment = piece.is_text ? program.text : program.read_only;
    std::copy(piece.bytes.begin(), piece.bytes.end(),
              segment.begin() + static_cast<std::ptrdiff_t>(piece.offset));
  }
}

}  // namespace obelisk::sbpf_ld
