#include "tools/sbpf-ld/object.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "tools/sbpf-ld/failure.hpp"

namespace obelisk::sbpf_ld {
namespace {

constexpr std::size_t kMaxNameLength = 4096;

class Reader {
 public:
  explicit Reader(Object& object) : object_(object), file_(object.file) {}

  void read() {
    read_header();
    read_sections();
    read_symbols();
    read_relocations();
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { fail(object_.name + ": " + what); }

  void read_header() {
    const auto header = load<Elf64_Ehdr>(file_, 0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
      refuse("not an ELF file: give the .o files of clang --target=bpf");
    }
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_BPF) {
      refuse("not a 64-bit little-endian BPF object: compile with clang --target=bpf -mcpu=v2");
    }
    if (header->e_type != ET_REL) refuse("not a relocatable object: compile with -c");
    if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shnum == 0 ||
        !fits(header->e_shoff, std::uint64_t{header->e_shnum} * sizeof(Elf64_Shdr), file_.size())) {
      refuse("the section table is damaged: compile again");
    }
    headers_.resize(header->e_shnum);
    std::memcpy(headers_.data(), file_.data() + header->e_shoff,
                headers_.size() * sizeof(Elf64_Shdr));
    names_ = string_table(header->e_shstrndx, "section names");
  }

  Bytes content(const Elf64_Shdr& header, const std::string& what) const {
    if (header.sh_type == SHT_NOBITS || header.sh_type == SHT_NULL) return {};
    if (!fits(header.sh_offset, header.sh_size, file_.size())) {
      refuse(what + " reaches past the end of the file: compile again");
    }
    return file_.subspan(header.sh_offset, header.sh_size);
  }

  Bytes string_table(std::uint32_t index, const std::string& what) const {
    if (index >= headers_.size() || headers_[index].sh_type != SHT_STRTAB) {
      refuse("the table of " + what + " is missing: compile again");
    }
    return content(headers_[index], "the table of " + what);
  }

  // A name is bounded, so that a file of overlapping names cannot cost more than its size.
  std::string_view name_at(Bytes table, std::uint64_t offset) const {
    if (offset >= table.size()) refuse("a name lies outside its table: compile again");
    const Bytes rest = table.subspan(offset, std::min(table.size() - offset, kMaxNameLength));
    const auto end = std::find(rest.begin(), rest.end(), 0);
    if (end == rest.end()) refuse("a name has no end, or is longer than 4,096 bytes");
    return {reinterpret_cast<const char*>(rest.data()),
            static_cast<std::size_t>(end - rest.begin())};
  }

  static SectionKind kind_of(const Elf64_Shdr& header, std::string_view name) {
    if ((header.sh_flags & SHF_ALLOC) == 0) return SectionKind::other;
    if ((header.sh_flags & SHF_EXECINSTR) != 0) return SectionKind::text;
    if (header.sh_type == SHT_NOBITS) return SectionKind::writable;
    const bool only_relocated = name.starts_with(".data.rel.ro");
    const bool writable = (header.sh_flags & SHF_WRITE) != 0;
    return writable && !only_relocated ? SectionKind::writable : SectionKind::read_only;
  }

  void read_sections() {
    object_.sections.resize(headers_.size());
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      Section& section = object_.sections[i];
      section.name = name_at(names_, headers_[i].sh_name);
      const std::string what = "section " + std::string(section.name);
      section.bytes = content(headers_[i], what);
      section.kind = kind_of(headers_[i], section.name);
      section.align = std::max<std::uint64_t>(headers_[i].sh_addralign, 1);
      if (!std::has_single_bit(section.align)) refuse(what + " has an alignment of no power of 2");
    }
  }

  void read_symbols() {
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      if (headers_[i].sh_type != SHT_SYMTAB) continue;
      if (symbol_table_ != 0) refuse("two symbol tables: compile again");
      symbol_table_ = static_cast<std::uint32_t>(i);
    }
    if (symbol_table_ == 0) refuse("no symbol table: do not strip the object");
    const Elf64_Shdr& header = headers_[symbol_table_];
    const Bytes table = object_.sections[symbol_table_].bytes;
    if (header.sh_entsize != sizeof(Elf64_Sym) || table.size() % sizeof(Elf64_Sym) != 0) {
      refuse("the symbol table is damaged: compile again");
    }
    const Bytes strings = string_table(header.sh_link, "symbol names");
    object_.symbols.reserve(table.size() / sizeof(Elf64_Sym));
    for (std::size_t at = 0; at < table.size(); at += sizeof(Elf64_Sym)) {
      object_.symbols.push_back(to_symbol(*load<Elf64_Sym>(table, at), strings));
    }
  }

  Symbol to_symbol(const Elf64_Sym& raw, Bytes strings) const {
    Symbol symbol;
    symbol.name = name_at(strings, raw.st_name);
    const unsigned binding = ELF64_ST_BIND(raw.st_info);
    const unsigned type = ELF64_ST_TYPE(raw.st_info);
    symbol.binding = binding == STB_LOCAL  ? Binding::local
                     : binding == STB_WEAK ? Binding::weak
                                           : Binding::global;
    symbol.kind = type == STT_FUNC      ? SymbolKind::function
                  : type == STT_SECTION ? SymbolKind::section
                                        : SymbolKind::plain;
    symbol.value = raw.st_value;
    symbol.size = raw.st_size;
    symbol.section = raw.st_shndx >= SHN_LORESERVE ? kReserved : raw.st_shndx;
    if (symbol.section == kReserved || symbol.section == kUndefined) return symbol;
    const std::string what = "symbol " + std::string(symbol.name);
    if (symbol.section >= object_.sections.size()) refuse(what + " is in no section");
    const Section& home = object_.sections[symbol.section];
    if (home.kind == SectionKind::text || home.kind == SectionKind::read_only) {
      if (!fits(symbol.value, symbol.size, home.bytes.size())) {
        refuse(what + " lies outside section " + std::string(home.name));
      }
    }
    if (symbol.kind == SymbolKind::section) symbol.name = home.name;
    return symbol;
  }

  void read_relocations() {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      const Elf64_Shdr& header = headers_[i];
      if (header.sh_type != SHT_REL && header.sh_type != SHT_RELA) continue;
      if (header.sh_info >= headers_.size()) refuse("a relocation section is for no section");
      Section& target = object_.sections[header.sh_info];
      if (target.kind == SectionKind::other) continue;
      const std::string what = "the relocations of section " + std::string(target.name);
      const Bytes table = object_.sections[i].bytes;
      if (header.sh_type == SHT_RELA) refuse(what + " are RELA: BPF objects of clang have REL");
      if (header.sh_entsize != sizeof(Elf64_Rel) || table.size() % sizeof(Elf64_Rel) != 0 ||
          header.sh_link != symbol_table_) {
        refuse(what + " are damaged: compile again");
      }
      // Relocation sections that lie over each other would multiply the work: a sound file has
      // none.
      total += table.size();
      if (total > file_.size()) refuse("the relocation sections overlap: compile again");
      for (std::size_t at = 0; at < table.size(); at += sizeof(Elf64_Rel)) {
        const auto raw = *load<Elf64_Rel>(table, at);
        const auto symbol = static_cast<std::uint32_t>(ELF64_R_SYM(raw.r_info));
        const auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(raw.r_info));
        if (symbol >= object_.symbols.size()) refuse(what + " name a symbol that is not there");
        if (raw.r_offset >= target.bytes.size()) {
          refuse(what + " reach to " + hex(raw.r_offset) + ", outside the section");
        }
        target.relocations.push_back({raw.r_offset, type, symbol});
      }
    }
  }

  Object& object_;
  Bytes file_;
  std::vector<Elf64_Shdr> headers_;
  Bytes names_;
  std::uint32_t symbol_table_ = 0;
};

}  // namespace

Object read_object(std::string name, std::vector<std::uint8_t> file) {
  Object object;
  object.name = std::move(name);
  object.file = std::move(file);
  Reader(object).read();
  return object;
}

}  // namespace obelisk::sbpf_ld
