// For tests: builds small BPF objects in memory, the sound ones and the damaged ones.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "tools/sbpf-ld/bytes.hpp"
#include "tools/sbpf-ld/linker.hpp"

namespace obelisk::sbpf_ld {

// One instruction as the eight bytes it is.
constexpr std::uint64_t ins(std::uint8_t opcode, std::uint8_t destination = 0,
                            std::uint8_t source = 0, std::int16_t offset = 0,
                            std::int32_t immediate = 0) {
  return opcode | std::uint64_t{destination} << 8 | std::uint64_t{source} << 12 |
         std::uint64_t{static_cast<std::uint16_t>(offset)} << 16 |
         std::uint64_t{static_cast<std::uint32_t>(immediate)} << 32;
}
inline constexpr std::uint64_t kExit = ins(0x95);
inline constexpr std::uint64_t kCallUnresolved = ins(0x85, 0, 1, 0, -1);

class TestObject {
 public:
  struct RawSection {
    std::string name;
    std::vector<std::uint8_t> bytes;
    Elf64_Shdr header{};
  };

  TestObject() { sections_.resize(1); }

  std::uint32_t section(const std::string& name, std::uint32_t type, std::uint64_t flags,
                        std::vector<std::uint8_t> bytes, std::uint64_t align = 8) {
    RawSection raw{name, std::move(bytes), {}};
    raw.header.sh_type = type;
    raw.header.sh_flags = flags;
    raw.header.sh_addralign = align;
    sections_.push_back(std::move(raw));
    return static_cast<std::uint32_t>(sections_.size() - 1);
  }

  std::uint32_t text(const std::string& name, const std::vector<std::uint64_t>& code) {
    std::vector<std::uint8_t> bytes;
    for (const std::uint64_t one : code) append(bytes, one);
    return section(name, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, std::move(bytes));
  }

  std::uint32_t constants(const std::string& name, std::vector<std::uint8_t> bytes,
                          std::uint64_t align = 8) {
    return section(name, SHT_PROGBITS, SHF_ALLOC, std::move(bytes), align);
  }

  std::uint32_t symbol(const std::string& name, std::uint32_t home, std::uint64_t value = 0,
                       unsigned type = STT_FUNC, unsigned bind = STB_GLOBAL) {
    Elf64_Sym raw{};
    raw.st_name = static_cast<Elf64_Word>(names_.size());
    raw.st_info = static_cast<unsigned char>(ELF64_ST_INFO(bind, type));
    raw.st_shndx = static_cast<Elf64_Section>(home);
    raw.st_value = value;
    names_.insert(names_.end(), name.begin(), name.end());
    names_.push_back(0);
    symbols_.push_back(raw);
    return static_cast<std::uint32_t>(symbols_.size() - 1);
  }
  std::uint32_t undefined(const std::string& name) { return symbol(name, 0, 0, STT_NOTYPE); }
  std::uint32_t section_symbol(std::uint32_t home) {
    return symbol("", home, 0, STT_SECTION, STB_LOCAL);
  }

  void relocate(std::uint32_t home, std::uint64_t offset, std::uint32_t type,
                std::uint32_t symbol_index, std::uint32_t section_type = SHT_REL) {
    std::vector<std::uint8_t> bytes;
    append(bytes, Elf64_Rel{offset, ELF64_R_INFO(std::uint64_t{symbol_index}, type)});
    if (section_type == SHT_RELA) bytes.resize(sizeof(Elf64_Rela));
    const std::uint32_t index = section(".rel", section_type, 0, std::move(bytes));
    sections_[index].header.sh_info = home;
    sections_[index].header.sh_entsize =
        section_type == SHT_REL ? sizeof(Elf64_Rel) : sizeof(Elf64_Rela);
    relocation_sections_.push_back(index);
  }

  Elf64_Shdr& header_of(std::uint32_t index) { return sections_[index].header; }
  Elf64_Sym& raw_symbol(std::uint32_t index) { return symbols_[index]; }

  std::vector<std::uint8_t> build() {
    const std::uint32_t strings = section(".strtab", SHT_STRTAB, 0, names_, 1);
    std::vector<std::uint8_t> table;
    for (const Elf64_Sym& one : symbols_) append(table, one);
    const std::uint32_t symtab = section(".symtab", SHT_SYMTAB, 0, std::move(table));
    sections_[symtab].header.sh_link = strings;
    sections_[symtab].header.sh_entsize = sizeof(Elf64_Sym);
    for (const std::uint32_t index : relocation_sections_) {
      sections_[index].header.sh_link = symtab;
    }
    section(".shstrtab", SHT_STRTAB, 0, {}, 1);
    std::vector<std::uint8_t> section_names;
    for (RawSection& one : sections_) {
      one.header.sh_name = static_cast<Elf64_Word>(section_names.size());
      section_names.insert(section_names.end(), one.name.begin(), one.name.end());
      section_names.push_back(0);
    }
    sections_.back().bytes = section_names;
    return write();
  }

 private:
  std::vector<std::uint8_t> write() {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_REL;
    header.e_machine = EM_BPF;
    header.e_version = EV_CURRENT;
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<Elf64_Half>(sections_.size());
    header.e_shstrndx = static_cast<Elf64_Half>(sections_.size() - 1);
    std::vector<std::uint8_t> body;
    for (RawSection& one : sections_) {
      one.header.sh_offset = sizeof(Elf64_Ehdr) + body.size();
      if (one.header.sh_size == 0) one.header.sh_size = one.bytes.size();
      body.insert(body.end(), one.bytes.begin(), one.bytes.end());
    }
    header.e_shoff = sizeof(Elf64_Ehdr) + body.size();
    std::vector<std::uint8_t> file;
    append(file, header);
    file.insert(file.end(), body.begin(), body.end());
    for (const RawSection& one : sections_) append(file, one.header);
    return file;
  }

  std::vector<RawSection> sections_;
  std::vector<Elf64_Sym> symbols_{Elf64_Sym{}};
  std::vector<std::uint8_t> names_{0};
  std::vector<std::uint32_t> relocation_sections_;
};

inline Linked link_one(TestObject& object, const Options& options = {}) {
  return link({{"test.o", object.build()}}, options);
}

// A program of one function.
inline Linked link_code(const std::vector<std::uint64_t>& code) {
  TestObject object;
  object.symbol("entrypoint", object.text(".text", code));
  return link_one(object);
}

// The loaded bytes of a finished file.
struct Loaded {
  std::vector<std::uint8_t> read_only;
  std::vector<std::uint8_t> text;
  Elf64_Ehdr header{};
  std::vector<Elf64_Phdr> segments;

  std::uint64_t word(std::uint64_t at) const { return *load<std::uint64_t>(text, at); }
  std::int32_t immediate(std::uint64_t at) const { return *load<std::int32_t>(text, at + 4); }
  std::uint8_t source(std::uint64_t at) const {
    return static_cast<std::uint8_t>(text[at + 1] >> 4);
  }
};

inline Loaded load_image(const std::vector<std::uint8_t>& image) {
  Loaded loaded;
  loaded.header = *load<Elf64_Ehdr>(image, 0);
  for (unsigned i = 0; i < loaded.header.e_phnum; ++i) {
    const auto segment =
        *load<Elf64_Phdr>(image, loaded.header.e_phoff + i * std::uint64_t{sizeof(Elf64_Phdr)});
    loaded.segments.push_back(segment);
    auto& bytes = segment.p_flags == PF_X ? loaded.text : loaded.read_only;
    const auto first = image.begin() + static_cast<std::ptrdiff_t>(segment.p_offset);
    bytes.assign(first, first + static_cast<std::ptrdiff_t>(segment.p_filesz));
  }
  return loaded;
}

}  // namespace obelisk::sbpf_ld
