// Which sections the program needs: those reached from the entry over relocations, and the one that
// tells strangers whom to write to. All else is left out, so that an unused function costs nothing
// and cannot stop the link.
#include "tools/sbpf-ld/failure.hpp"
#include "tools/sbpf-ld/program.hpp"

namespace obelisk::sbpf_ld {
namespace {

// More than the chain takes in a program account, and a bound for objects whose sections overlap.
constexpr std::uint64_t kMaxProgramBytes = 10 * 1024 * 1024;

class Collector {
 public:
  Collector(const SymbolTable& symbols, Program& program) : symbols_(symbols), program_(program) {}

  void reach(const Definition& definition, const std::string& from) {
    const std::string name(definition.symbol->name);
    if (definition.symbol->section == kReserved) {
      fail(from + ": symbol " + name + " is absolute or common: define it in a section");
    }
    keep(*definition.object, definition.symbol->section, "symbol " + name, from);
  }

  // Nothing calls the section that explorers read, so it is kept by its name.
  void keep_security_txt(const std::vector<Object>& objects) {
    const Object* holder = nullptr;
    for (const Object& object : objects) {
      for (std::uint32_t i = 0; i < object.sections.size(); ++i) {
        if (object.sections[i].name != kSecurityTxt) continue;
        if (holder != nullptr) {
          fail(object.name + ": a second .security.txt beside that of " + holder->name +
               ": readers take the first they find, so keep one");
        }
        if (object.sections[i].kind == SectionKind::text) {
          fail(object.name + ": .security.txt is code: make it constants");
        }
        holder = &object;
        keep(object, i, "all", object.name);
      }
    }
  }

  void follow_all() {
    // The list grows while it is walked; a piece is copied out of it because it may move.
    for (std::size_t i = 0; i < program_.pieces.size(); ++i) {
      const Object& object = *program_.pieces[i].object;
      const Section& section = program_.pieces[i].source();
      for (const Relocation& relocation : section.relocations) {
        const Definition target = symbols_.resolve(object, relocation.symbol);
        if (target) reach(target, program_.pieces[i].where(relocation.offset));
      }
    }
  }

 private:
  void keep(const Object& object, std::uint32_t number, const std::string& name,
            const std::string& from) {
    const auto key = std::pair(&object, number);
    if (program_.index.contains(key)) return;
    const Section& section = object.sections[number];
    check_kind(section, name, from);
    total_ += section.bytes.size();
    if (total_ > kMaxProgramBytes) fail(from + ": the program passes 10 MiB");
    program_.index.emplace(key, program_.pieces.size());
    program_.pieces.push_back({&object,
                               number,
                               section.kind == SectionKind::text,
                               0,
                               {section.bytes.begin(), section.bytes.end()}});
  }

  static void check_kind(const Section& section, const std::string& name, const std::string& from) {
    const std::string what = name + " in section " + std::string(section.name);
    switch (section.kind) {
      case SectionKind::text:
      case SectionKind::read_only: break;
      case SectionKind::writable:
        fail(from + ": " + what +
             " is writable data, which the VM has no place for: make it const");
      case SectionKind::other: fail(from + ": " + what + " is not loaded with a program");
    }
    if (section.align > 16) fail(from + ": " + what + " wants an alignment above 16: lower it");
    if (section.kind == SectionKind::text && section.bytes.size() % kInstruction != 0) {
      fail(from + ": " + what + " has a size that is no multiple of 8: compile again");
    }
  }

  const SymbolTable& symbols_;
  Program& program_;
  std::uint64_t total_ = 0;
};

}  // namespace

std::string Piece::where(std::uint64_t at) const {
  return object->name + ": section " + std::string(source().name) + ", offset " + hex(at);
}

const Piece& Program::piece_of(const Definition& definition) const {
  return pieces[index.at({definition.object, definition.symbol->section})];
}

Program collect(const std::vector<Object>& objects, const SymbolTable& symbols,
                std::string_view entry) {
  const Definition start = symbols.find(entry);
  const std::string name(entry);
  if (!start) fail("no object defines the entry " + name + ": define it, or give --entry NAME");
  Program program;
  Collector collector(symbols, program);
  collector.reach(start, "the entry");
  if (!program.pieces[0].is_text) fail("the entry " + name + " is not a function");
  if (start.symbol->value % kInstruction != 0 ||
      start.symbol->value >= program.pieces[0].bytes.size()) {
    fail("the entry " + name + " does not point at an instruction");
  }
  collector.follow_all();
  collector.keep_security_txt(objects);
  collector.follow_all();
  program.entry = start.symbol->value;  // its section comes first in the code
  return program;
}

}  // namespace obelisk::sbpf_ld
