// One test for each instruction that is refused, and one that all of the others pass.
#include <gtest/gtest.h>

#include "tools/sbpf-ld/test_object.hpp"

namespace obelisk::sbpf_ld {
namespace {

struct Refused {
  const char* name;
  std::uint64_t instruction;
  const char* says;
};

class InstructionRefused : public testing::TestWithParam<Refused> {};

TEST_P(InstructionRefused, WithItsPlaceAndACure) {
  const Linked linked = link_code({ins(0xb7), GetParam().instruction, ins(0xb7), kExit});
  EXPECT_TRUE(linked.image.empty());
  EXPECT_NE(linked.error.find("test.o: section .text, offset 0x8"), std::string::npos)
      << linked.error;
  EXPECT_NE(linked.error.find(GetParam().says), std::string::npos) << linked.error;
}

INSTANTIATE_TEST_SUITE_P(
    Each, InstructionRefused,
    testing::Values(Refused{"add32_immediate", ins(0x04), "32-bit arithmetic"},
                    Refused{"add32_register", ins(0x0c), "32-bit arithmetic"},
                    Refused{"sub32", ins(0x1c), "32-bit arithmetic"},
                    Refused{"mul32", ins(0x2c), "32-bit arithmetic"},
                    Refused{"mov32", ins(0xb4), "32-bit arithmetic"},
                    Refused{"jump32", ins(0x16), "32-bit jump"},
                    Refused{"long_jump", ins(0x06), "32-bit jump"},
                    Refused{"signed_divide", ins(0x3f, 0, 1, 1), "signed division"},
                    Refused{"signed_modulo", ins(0x9f, 0, 1, 1), "signed division"},
                    Refused{"sign_extending_move", ins(0xbf, 0, 1, 8), "sign-extending move"},
                    Refused{"divide_by_zero", ins(0x37), "division by 0"},
                    Refused{"modulo_by_zero", ins(0x97), "division by 0"},
                    Refused{"shift_by_64", ins(0x67, 0, 0, 0, 64), "shift by more"},
                    Refused{"shift_by_minus_1", ins(0xc7, 0, 0, 0, -1), "shift by more"},
                    Refused{"byte_swap_of_v4", ins(0xd7, 0, 0, 0, 64), "BPF v4"},
                    Refused{"byte_swap_of_24", ins(0xdc, 0, 0, 0, 24), "odd width"},
                    Refused{"negate_register", ins(0x8f), "the VM has not"},
                    Refused{"atomic_add_64", ins(0xdb), "atomic"},
                    Refused{"atomic_add_32", ins(0xc3), "atomic"},
                    Refused{"sign_extending_load", ins(0x91), "sign-extending load"},
                    Refused{"packet_load", ins(0x20), "packet loads"},
                    Refused{"memory_of_no_kind", ins(0x41), "memory access"},
                    Refused{"register_11", ins(0xb7, 11), "above r10"},
                    Refused{"source_12", ins(0xbf, 0, 12), "above r10"},
                    Refused{"write_to_r10", ins(0xb7, 10), "frame pointer"},
                    Refused{"load_to_r10", ins(0x79, 10), "frame pointer"},
                    Refused{"jump_out_forward", ins(0x05, 0, 0, 2), "out of the code"},
                    Refused{"jump_out_backward", ins(0x05, 0, 0, -3), "out of the code"},
                    Refused{"branch_out", ins(0x15, 0, 0, 100), "out of the code"},
                    Refused{"call_out", ins(0x85, 0, 1, 0, 9), "out of the code"},
                    Refused{"call_of_no_syscall", ins(0x85, 0, 0, 0, 0x1234), "does not exist"},
                    Refused{"call_of_no_kind", ins(0x85, 0, 2), "of a kind"},
                    Refused{"call_by_register_of_old_clang", ins(0x8d, 0, 0, 0, 3), "clang 19"},
                    Refused{"call_by_r10", ins(0x8d, 10), "frame pointer"},
                    Refused{"jump_of_no_kind", ins(0xe5), "a jump the VM has not"},
                    Refused{"exit_by_register", ins(0x9d), "a jump the VM has not"},
                    Refused{"map_load", ins(0x18, 0, 1), "16-byte load"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(Instructions, ALoadOf16BytesMustBeWholeAndIsNotJumpedInto) {
  EXPECT_NE(link_code({kExit, ins(0x18)}).error.find("cut off"), std::string::npos);
  EXPECT_NE(link_code({ins(0x18), ins(0xb7), kExit}).error.find("cut off"), std::string::npos);
  const Linked into = link_code({ins(0x05, 0, 0, 1), ins(0x18), ins(0), kExit});
  EXPECT_NE(into.error.find("into a 16-byte load"), std::string::npos) << into.error;
}

TEST(Instructions, EverythingClangMakesForV2Passes) {
  std::vector<std::uint64_t> code;
  for (const int operation : {0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x9, 0xa, 0xb, 0xc}) {
    const auto base = static_cast<std::uint8_t>(operation << 4);
    code.push_back(ins(base | 0x07, 1, 0, 0, 1));
    code.push_back(ins(base | 0x0f, 1, 2));
  }
  code.push_back(ins(0x87, 1));
  for (const int size : {0x00, 0x08, 0x10, 0x18}) {
    for (const int kind : {0x61, 0x62, 0x63}) {
      code.push_back(ins(static_cast<std::uint8_t>(kind | size), 1, 2, -8, 0));
    }
  }
  for (const int operation : {0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0xa, 0xb, 0xc, 0xd}) {
    const auto base = static_cast<std::uint8_t>(operation << 4);
    code.push_back(ins(base | 0x05, 1, 0, 0, 5));
    code.push_back(ins(base | 0x0d, 1, 2, 0));
  }
  for (const int width : {16, 32, 64}) {
    code.push_back(ins(0xd4, 1, 0, 0, width));
    code.push_back(ins(0xdc, 1, 0, 0, width));
  }
  code.push_back(ins(0x05, 0, 0, 0));
  code.push_back(ins(0x8d, 3));
  code.push_back(ins(0x18, 1, 0, 0, 5));
  code.push_back(ins(0, 0, 0, 0, 6));
  code.push_back(ins(0x85, 0, 0, 0, 0x207559bd));
  code.push_back(ins(0x85, 0, 1, 0, -1));
  code.push_back(kExit);
  EXPECT_EQ(link_code(code).error, "");
}

}  // namespace
}  // namespace obelisk::sbpf_ld
