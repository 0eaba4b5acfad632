#include "tools/sbpf-ld/instructions.hpp"

#include <algorithm>

#include "tools/sbpf-ld/failure.hpp"
#include "tools/sbpf-ld/syscalls.hpp"

namespace obelisk::sbpf_ld {
namespace {

struct Instruction {
  std::uint8_t opcode;
  std::uint8_t destination;
  std::uint8_t source;
  std::int16_t offset;
  std::int32_t immediate;
};

enum class Class : std::uint8_t { ld, ldx, st, stx, alu32, jmp, jmp32, alu64 };

constexpr std::uint8_t kOpLddw = 0x18;
constexpr std::uint8_t kOpCall = 0x85;
constexpr std::uint8_t kOpCallRegister = 0x8d;
constexpr std::uint8_t kOpExit = 0x95;
constexpr std::uint8_t kFromRegister = 0x08;
constexpr std::uint8_t kFramePointer = 10;

class Checker {
 public:
  explicit Checker(Program& program) : program_(program), text_(program.text) {}

  void run() {
    mark_starts();
    for (std::uint64_t at = 0; at < text_.size(); at += kInstruction) {
      if (starts_[at / kInstruction]) check(at, decode(at));
    }
  }

 private:
  [[noreturn]] void refuse(std::uint64_t at, const std::string& what) const {
    const auto holds = [&](const Piece& piece) {
      return piece.is_text && at >= piece.offset && at - piece.offset < piece.bytes.size();
    };
    const auto piece = std::find_if(program_.pieces.begin(), program_.pieces.end(), holds);
    const std::string place = piece == program_.pieces.end() ? "code, offset " + hex(at)
                                                             : piece->where(at - piece->offset);
    fail(place + ", opcode " + hex(text_[at]) + ": " + what);
  }

  Instruction decode(std::uint64_t at) const {
    const std::uint8_t registers = text_[at + 1];
    return {text_[at], static_cast<std::uint8_t>(registers & 15),
            static_cast<std::uint8_t>(registers >> 4), *load<std::int16_t>(text_, at + 2),
            *load<std::int32_t>(text_, at + 4)};
  }

  // A 16-byte load fills two slots, and nothing may jump into the second.
  void mark_starts() {
    starts_.assign(text_.size() / kInstruction, true);
    for (std::uint64_t at = 0; at < text_.size(); at += kInstruction) {
      if (text_[at] != kOpLddw) continue;
      const std::uint64_t second = at + kInstruction;
      if (second >= text_.size() || text_[second] != 0) refuse(at, "a 16-byte load is cut off");
      if (decode(at).source != 0) refuse(at, "a 16-byte load of a kind the VM has not");
      starts_[second / kInstruction] = false;
      at = second;
    }
  }

  void check(std::uint64_t at, const Instruction& instruction) {
    if (instruction.destination > kFramePointer || instruction.source > kFramePointer) {
      refuse(at, "a register above r10");
    }
    switch (static_cast<Class>(instruction.opcode & 7)) {
      case Class::ld:
        if (instruction.opcode != kOpLddw) refuse(at, "packet loads do not exist in the VM");
        return check_destination(at, instruction);
      case Class::ldx:
        check_memory_mode(at, instruction);
        return check_destination(at, instruction);
      case Class::st:
      case Class::stx: return check_memory_mode(at, instruction);
      case Class::alu32: return check_alu32(at, instruction);
      case Class::alu64: return check_alu64(at, instruction);
      case Class::jmp: return check_jump(at, instruction);
      case Class::jmp32: refuse(at, "a 32-bit jump: compile with -mcpu=v2");
    }
  }

  void check_destination(std::uint64_t at, const Instruction& instruction) const {
    if (instruction.destination == kFramePointer) refuse(at, "a write to the frame pointer");
  }

  void check_memory_mode(std::uint64_t at, const Instruction& instruction) const {
    constexpr std::uint8_t kPlain = 0x60;
    constexpr std::uint8_t kSignExtending = 0x80;
    constexpr std::uint8_t kAtomic = 0xc0;
    const std::uint8_t mode = instruction.opcode & 0xe0;
    if (mode == kPlain) return;
    if (mode == kAtomic) refuse(at, "an atomic operation: the VM has one thread and no atomics");
    if (mode == kSignExtending) refuse(at, "a sign-extending load: compile with -mcpu=v2");
    refuse(at, "a memory access of a kind the VM has not");
  }

  // The VM sign-extends 32-bit sums, differences and products where BPF zero-extends: silent error.
  void check_alu32(std::uint64_t at, const Instruction& instruction) const {
    constexpr std::uint8_t kLittleEndian = 0xd4;
    constexpr std::uint8_t kBigEndian = 0xdc;
    if (instruction.opcode != kLittleEndian && instruction.opcode != kBigEndian) {
      refuse(at, "32-bit arithmetic, which the VM computes otherwise: compile with -mcpu=v2");
    }
    const std::int32_t width = instruction.immediate;
    if (width != 16 && width != 32 && width != 64) refuse(at, "a byte swap of an odd width");
    check_destination(at, instruction);
  }

  void check_alu64(std::uint64_t at, const Instruction& instruction) const {
    constexpr std::uint8_t kDivide = 0x30;
    constexpr std::uint8_t kShiftLeft = 0x60;
    constexpr std::uint8_t kShiftRight = 0x70;
    constexpr std::uint8_t kNegate = 0x80;
    constexpr std::uint8_t kModulo = 0x90;
    constexpr std::uint8_t kShiftSigned = 0xc0;
    constexpr std::uint8_t kSwap = 0xd0;
    const std::uint8_t operation = instruction.opcode & 0xf0;
    const bool immediate = (instruction.opcode & kFromRegister) == 0;
    check_destination(at, instruction);
    if (operation >= kSwap) refuse(at, "an operation of BPF v4: compile with -mcpu=v2");
    if (operation == kNegate && !immediate) refuse(at, "an operation the VM has not");
    if (instruction.offset != 0) {
      refuse(at, "signed division or a sign-extending move: divide unsigned, use -mcpu=v2");
    }
    const bool divides = operation == kDivide || operation == kModulo;
    if (divides && immediate && instruction.immediate == 0) refuse(at, "a division by 0");
    const bool shifts =
        operation == kShiftLeft || operation == kShiftRight || operation == kShiftSigned;
    if (shifts && immediate && (instruction.immediate < 0 || instruction.immediate > 63)) {
      refuse(at, "a shift by more than 63");
    }
  }

  void check_jump(std::uint64_t at, const Instruction& instruction) {
    constexpr std::uint8_t kAlways = 0x05;
    constexpr std::uint8_t kPastLast = 0xe0;
    switch (instruction.opcode) {
      case kOpCall: return check_call(at, instruction);
      case kOpCallRegister:
        if (instruction.immediate != 0) {
          refuse(at, "a call by register in the old encoding: compile with clang 19 or newer");
        }
        return check_destination(at, instruction);
      case kOpExit: return;
      default: break;
    }
    const std::uint8_t operation = instruction.opcode & 0xf0;
    const bool reserved = operation == (kOpCall & 0xf0) || operation == (kOpExit & 0xf0);
    const bool always = operation == 0 && instruction.opcode != kAlways;
    if (operation >= kPastLast || reserved || always) refuse(at, "a jump the VM has not");
    check_target(at, instruction.offset);
  }

  void check_call(std::uint64_t at, const Instruction& instruction) {
    constexpr std::uint8_t kFunction = 1;
    const auto number = static_cast<std::uint32_t>(instruction.immediate);
    if (instruction.source == kFunction) return check_target(at, instruction.immediate);
    if (instruction.source != 0) refuse(at, "a call of a kind the VM has not");
    const std::string_view name = syscall_of(number);
    if (name.empty()) refuse(at, "a call of syscall " + hex(number) + ", which does not exist");
    program_.syscalls.insert(name);
  }

  void check_target(std::uint64_t at, std::int64_t distance) const {
    const std::int64_t target = static_cast<std::int64_t>(at / kInstruction) + 1 + distance;
    if (target < 0 || target >= static_cast<std::int64_t>(starts_.size())) {
      refuse(at, "a jump or call out of the code");
    }
    if (!starts_[static_cast<std::size_t>(target)]) refuse(at, "a jump into a 16-byte load");
  }

  Program& program_;
  Bytes text_;
  std::vector<bool> starts_;
};

}  // namespace

void check_instructions(Program& program) { Checker(program).run(); }

}  // namespace obelisk::sbpf_ld
