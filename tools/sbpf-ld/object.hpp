// One relocatable BPF object as clang writes it, read and checked once: after read_object() every
// index, name and range in it is inside the file. Nothing later in the linker looks at raw ELF.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sbpf-ld/bytes.hpp"

namespace obelisk::sbpf_ld {

enum class SectionKind : std::uint8_t {
  text,       // instructions
  read_only,  // constants, and pointer tables that only the linker writes (.data.rel.ro)
  writable,   // .data, .bss: the VM has no place for them
  other,      // not loaded: debug information, symbol tables, notes
};

struct Relocation {
  std::uint64_t offset;
  std::uint32_t type;
  std::uint32_t symbol;
};

struct Section {
  std::string_view name;
  SectionKind kind = SectionKind::other;
  std::uint64_t align = 1;
  Bytes bytes;
  std::vector<Relocation> relocations;
};

enum class Binding : std::uint8_t { local, global, weak };
enum class SymbolKind : std::uint8_t { plain, function, section };

inline constexpr std::uint32_t kUndefined = 0;
inline constexpr std::uint32_t kReserved = 0xffffffff;  // absolute, common: never of use to us

struct Symbol {
  std::string_view name;
  Binding binding = Binding::local;
  SymbolKind kind = SymbolKind::plain;
  std::uint32_t section = kUndefined;
  std::uint64_t value = 0;
  std::uint64_t size = 0;
};

// The views point into `file`, whose heap block stays where it is when the object is moved.
struct Object {
  std::string name;
  std::vector<std::uint8_t> file;
  std::vector<Section> sections;
  std::vector<Symbol> symbols;

  Object() = default;
  Object(Object&&) = default;
  Object& operator=(Object&&) = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
};

// Throws Failure.
Object read_object(std::string name, std::vector<std::uint8_t> file);

}  // namespace obelisk::sbpf_ld
