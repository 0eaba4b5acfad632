// The program as it grows on its way through the linker: collect() picks the live sections,
// layout() gives each a place, relocate() writes the addresses in, check_instructions() reads the
// result.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/sbpf-ld/object.hpp"
#include "tools/sbpf-ld/symbols.hpp"

namespace obelisk::sbpf_ld {

// Where the VM puts things in version 3: constants at 0, code at 2^32.
inline constexpr std::uint64_t kReadOnlyBase = 0;
inline constexpr std::uint64_t kTextBase = std::uint64_t{1} << 32;
inline constexpr std::uint64_t kInstruction = 8;

// The section in which a program tells strangers where to report a weakness.
inline constexpr std::string_view kSecurityTxt = ".security.txt";

// One live input section. `offset` counts from the start of the code or of the constants.
struct Piece {
  const Object* object = nullptr;
  std::uint32_t section = 0;
  bool is_text = false;
  std::uint64_t offset = 0;
  std::vector<std::uint8_t> bytes;

  const Section& source() const { return object->sections[section]; }
  bool is_security_txt() const { return source().name == kSecurityTxt; }
  std::uint64_t address() const { return (is_text ? kTextBase : kReadOnlyBase) + offset; }
  std::string where(std::uint64_t at) const;  // "main.o: section .text.f, offset 0x10"
};

struct Program {
  std::vector<Piece> pieces;
  std::map<std::pair<const Object*, std::uint32_t>, std::size_t> index;
  std::vector<std::uint8_t> text;
  std::vector<std::uint8_t> read_only;
  std::uint64_t security_txt = 0;  // offset of that section in read_only; 0: there is none
  std::uint64_t entry = 0;         // offset in text
  std::set<std::string_view> syscalls;

  const Piece& piece_of(const Definition& definition) const;
};

// All of them throw Failure.
Program collect(const std::vector<Object>& objects, const SymbolTable& symbols,
                std::string_view entry);
void layout(Program& program);
void relocate(Program& program, const SymbolTable& symbols);

}  // namespace obelisk::sbpf_ld
