#include "tools/sbpf-ld/image.hpp"

#include <elf.h>

#include <cstring>

#include "tools/sbpf-ld/bytes.hpp"
#include "tools/sbpf-ld/failure.hpp"

namespace obelisk::sbpf_ld {
namespace {

constexpr std::uint32_t kVersion3 = 3;  // e_flags
constexpr std::uint64_t kSegmentAlign = 8;

// The sections after the loaded bytes. The loader needs none of them; VMs that print or trace code
// stop on a file that has no section table, so there is always one.
class SectionTable {
 public:
  explicit SectionTable(std::uint64_t file_offset) : start_(file_offset) {}

  void add_loaded(const char* name, std::uint64_t flags, std::uint64_t address,
                  std::uint64_t offset, std::uint64_t size) {
    Elf64_Shdr header = named(name, SHT_PROGBITS);
    header.sh_flags = flags;
    header.sh_addr = address;
    header.sh_offset = offset;
    header.sh_size = size;
    headers_.push_back(header);
  }

  Elf64_Shdr& add_content(const char* name, std::uint32_t type, Bytes content) {
    Elf64_Shdr header = named(name, type);
    header.sh_offset = start_ + bytes_.size();
    header.sh_size = content.size();
    bytes_.insert(bytes_.end(), content.begin(), content.end());
    headers_.push_back(header);
    return headers_.back();
  }

  std::uint32_t count() const { return static_cast<std::uint32_t>(headers_.size()); }

  // Adds the names and the table itself; `header` learns where they are.
  std::vector<std::uint8_t> finish(Elf64_Ehdr& header) {
    Elf64_Shdr own = named(".shstrtab", SHT_STRTAB);
    own.sh_offset = start_ + bytes_.size();
    own.sh_size = names_.size();
    bytes_.insert(bytes_.end(), names_.begin(), names_.end());
    headers_.push_back(own);
    while ((start_ + bytes_.size()) % kSegmentAlign != 0) bytes_.push_back(0);
    header.e_shoff = start_ + bytes_.size();
    header.e_shnum = static_cast<Elf64_Half>(headers_.size());
    header.e_shstrndx = static_cast<Elf64_Half>(headers_.size() - 1);
    for (const Elf64_Shdr& section : headers_) append(bytes_, section);
    return bytes_;
  }

 private:
  Elf64_Shdr named(const char* name, std::uint32_t type) {
    Elf64_Shdr header{};
    header.sh_name = static_cast<Elf64_Word>(names_.size());
    header.sh_type = type;
    header.sh_addralign = type == SHT_STRTAB ? 1 : kSegmentAlign;
    names_.insert(names_.end(), name, name + std::strlen(name) + 1);
    return header;
  }

  std::uint64_t start_;
  std::vector<Elf64_Shdr> headers_{Elf64_Shdr{}};
  std::vector<std::uint8_t> names_{0};
  std::vector<std::uint8_t> bytes_;
};

Elf64_Ehdr make_header(const Program& program) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = EM_BPF;
  header.e_version = EV_CURRENT;
  header.e_entry = kTextBase + program.entry;
  header.e_phoff = sizeof(Elf64_Ehdr);
  header.e_flags = kVersion3;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = program.read_only.empty() ? 1 : 2;
  header.e_shentsize = sizeof(Elf64_Shdr);
  return header;
}

Elf64_Phdr make_segment(std::uint32_t flags, std::uint64_t offset, std::uint64_t address,
                        std::uint64_t size) {
  Elf64_Phdr segment{};
  segment.p_type = PT_LOAD;
  segment.p_flags = flags;
  segment.p_offset = offset;
  segment.p_vaddr = segment.p_paddr = address;
  segment.p_filesz = segment.p_memsz = size;
  segment.p_align = kSegmentAlign;
  return segment;
}

void add_symbols(const Program& program, std::uint32_t text_section, SectionTable& sections) {
  std::vector<std::uint8_t> names{0};
  std::vector<std::uint8_t> symbols;
  append(symbols, Elf64_Sym{});
  for (const Piece& piece : program.pieces) {
    for (const Symbol& symbol : piece.object->symbols) {
      if (!piece.is_text || symbol.kind != SymbolKind::function) continue;
      if (symbol.section != piece.section) continue;
      Elf64_Sym entry{};
      entry.st_name = static_cast<Elf64_Word>(names.size());
      entry.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
      entry.st_shndx = static_cast<Elf64_Section>(text_section);
      entry.st_value = piece.address() + symbol.value;
      entry.st_size = symbol.size;
      append(symbols, entry);
      names.insert(names.end(), symbol.name.begin(), symbol.name.end());
      names.push_back(0);
    }
  }
  Elf64_Shdr& table = sections.add_content(".symtab", SHT_SYMTAB, symbols);
  table.sh_entsize = sizeof(Elf64_Sym);
  table.sh_info = 1;  // the first that is not local
  table.sh_link = sections.count();
  sections.add_content(".strtab", SHT_STRTAB, names);
}

}  // namespace

std::vector<std::uint8_t> make_image(const Program& program, bool with_symbols) {
  Elf64_Ehdr header = make_header(program);
  const std::uint64_t read_only_at =
      sizeof(Elf64_Ehdr) + std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr);
  const std::uint64_t text_at = read_only_at + program.read_only.size();

  SectionTable sections(text_at + program.text.size());
  if (!program.read_only.empty()) {
    const std::uint64_t all = program.read_only.size();
    const std::uint64_t plain = program.security_txt != 0 ? program.security_txt : all;
    sections.add_loaded(".rodata", SHF_ALLOC, kReadOnlyBase, read_only_at, plain);
    if (plain != all) {
      sections.add_loaded(kSecurityTxt.data(), SHF_ALLOC, kReadOnlyBase + plain,
                          read_only_at + plain, all - plain);
    }
  }
  const std::uint32_t text_section = sections.count();
  sections.add_loaded(".text", SHF_ALLOC | SHF_EXECINSTR, kTextBase, text_at, program.text.size());
  if (with_symbols) add_symbols(program, text_section, sections);
  const std::vector<std::uint8_t> tail = sections.finish(header);

  std::vector<std::uint8_t> image;
  append(image, header);
  if (!program.read_only.empty()) {
    append(image, make_segment(PF_R, read_only_at, kReadOnlyBase, program.read_only.size()));
  }
  append(image, make_segment(PF_X, text_at, kTextBase, program.text.size()));
  image.insert(image.end(), program.read_only.begin(), program.read_only.end());
  image.insert(image.end(), program.text.begin(), program.text.end());
  image.insert(image.end(), tail.begin(), tail.end());
  return image;
}

std::string make_map(const Program& program, std::uint64_t image_size) {
  std::string map = "address size section of object\n";
  for (const bool text : {false, true}) {
    for (const Piece& piece : program.pieces) {
      if (piece.is_text != text) continue;
      map += hex(piece.address()) + ' ' + std::to_string(piece.bytes.size()) + ' ' +
             std::string(piece.source().name) + " of " + piece.object->name + '\n';
    }
  }
  map += "code " + std::to_string(program.text.size()) + ", constants " +
         std::to_string(program.read_only.size()) + ", file " + std::to_string(image_size) +
         " bytes\nsyscalls";
  for (const std::string_view name : program.syscalls) map += ' ' + std::string(name);
  return map + '\n';
}

}  // namespace obelisk::sbpf_ld
