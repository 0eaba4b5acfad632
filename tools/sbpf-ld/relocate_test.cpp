// One test for each relocation that clang makes, and one for each way it can be wrong.
#include <gtest/gtest.h>

#include "tools/sbpf-ld/test_object.hpp"

namespace obelisk::sbpf_ld {
namespace {

constexpr std::uint32_t kLddw = 1;
constexpr std::uint32_t kPointer = 2;
constexpr std::uint32_t kCall = 10;

TEST(Relocate, CallOfASyscallBecomesItsNumber) {
  TestObject object;
  const auto text = object.text(".text", {kCallUnresolved, kExit});
  object.symbol("entrypoint", text);
  object.relocate(text, 0, kCall, object.undefined("sol_log_"));
  const Linked linked = link_one(object);
  ASSERT_EQ(linked.error, "");
  const Loaded loaded = load_image(linked.image);
  EXPECT_EQ(loaded.word(0), ins(0x85, 0, 0, 0, 0x207559bd));
  EXPECT_NE(linked.map.find("syscalls sol_log_\n"), std::string::npos);
}

TEST(Relocate, CallOfANamedFunctionBecomesADistance) {
  TestObject object;
  const auto main = object.text(".text.main", {ins(0xb7), kCallUnresolved, kExit});
  const auto other = object.text(".text.other", {ins(0xb7), ins(0xb7), kExit});
  object.symbol("entrypoint", main);
  object.relocate(main, 8, kCall, object.symbol("other", other, 8));
  const Linked linked = link_one(object);
  ASSERT_EQ(linked.error, "");
  const Loaded loaded = load_image(linked.image);
  // From instruction 1 to instruction 3 + 1, counted from the next one.
  EXPECT_EQ(loaded.word(8), ins(0x85, 0, 1, 0, 2));
}

TEST(Relocate, CallIntoASectionUsesTheAddend) {
  TestObject object;
  const auto main = object.text(".text.main", {ins(0x85, 0, 1, 0, 1), kExit});
  const auto other = object.text(".text.other", {kExit, ins(0xb7), ins(0xb7), kExit});
  object.symbol("entrypoint", main);
  object.relocate(main, 0, kCall, object.section_symbol(other));
  const Linked linked = link_one(object);
  ASSERT_EQ(linked.error, "");
  // The addend (1 + 1) * 8: the third instruction of .text.other, which is the fifth of all.
  EXPECT_EQ(load_image(linked.image).word(0), ins(0x85, 0, 1, 0, 3));
}

TEST(Relocate, BackwardCall) {
  TestObject object;
  const auto main = object.text(".text.main", {kCallUnresolved, kExit});
  const auto other = object.text(".text.other", {kCallUnresolved, kExit});
  const auto entry = object.symbol("entrypoint", main);
  object.relocate(main, 0, kCall, object.symbol("other", other));
  object.relocate(other, 0, kCall, entry);
  const Linked linked = link_one(object);
  ASSERT_EQ(linked.error, "");
  EXPECT_EQ(load_image(linked.image).immediate(16), -3);
}

TEST(Relocate, LoadOfAConstantsAddress) {
  TestObject object;
  const auto main = object.text(".text", {ins(0x18, 1, 0, 0, 4), ins(0), kExit});
  const auto data = object.constants(".rodata", std::vector<std::uint8_t>(16, 7));
  object.symbol("entrypoint", main);
  object.relocate(main, 0, kLddw, object.symbol("data", data, 2, STT_OBJECT));
  const Linked linked = link_one(object);
  ASSERT_EQ(linked.error, "");
  const Loaded loaded = load_image(linked.image);
  EXPECT_EQ(loaded.immediate(0), 8 + 2 + 4);  // after the 8 zero bytes, symbol and addend
  EXPECT_EQ(loaded.immediate(8), 0);
  EXPECT_EQ(loaded.source(0), 0);
}

TEST(Relocate, LoadOfAFunctionsAddress) {
  TestObject object;
  const auto main = object.text(".text.main", {ins(0x18, 1), ins(0), kExit});
  const auto other = object.text(".text.other", {kExit});
  object.symbol("entrypoint", main);
  object.relocate(main, 0, kLddw, object.symbol("other", other));
  const Linked linked = link_one(object);
  ASSERT_EQ(linked.error, "");
  const Loaded loaded = load_image(linked.image);
  EXPECT_EQ(loaded.immediate(0), 24);
  EXPECT_EQ(loaded.immediate(8), 1);  // 2^32: where the code lies
}

TEST(Relocate, PointerInATable) {
  TestObject object;
  const auto main = object.text(".text.main", {ins(0x18, 1), ins(0), kExit});
  const auto other = object.text(".text.other", {kExit});
  std::vector<std::uint8_t> table(16, 0);
  table[8] = 3;
  const auto data = object.section(".data.rel.ro", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, table);
  const auto text = object.constants(".rodata.str", {'a', 'b', 'c', 'd', 0}, 1);
  object.symbol("entrypoint", main);
  object.relocate(main, 0, kLddw, object.symbol("table", data, 0, STT_OBJECT));
  object.relocate(data, 0, kPointer, object.symbol("other", other));
  object.relocate(data, 8, kPointer, object.section_symbol(text));
  const Linked linked = link_one(object);
  ASSERT_EQ(linked.error, "");
  const Loaded loaded = load_image(linked.image);
  EXPECT_EQ(*load<std::uint64_t>(loaded.read_only, 8), 0x100000018u);
  EXPECT_EQ(*load<std::uint64_t>(loaded.read_only, 16), 24u + 3);
  EXPECT_EQ(loaded.read_only[24 + 3], 'd');
}

struct Wrong {
  const char* name;
  std::uint32_t type;
  std::uint64_t offset;
  std::vector<std::uint64_t> code;
  bool is_defined;
  const char* says;
};

class RelocateWrong : public testing::TestWithParam<Wrong> {};

TEST_P(RelocateWrong, IsRefusedWithItsPlace) {
  TestObject object;
  const auto main = object.text(".text", GetParam().code);
  const auto data = object.constants(".rodata", std::vector<std::uint8_t>(8, 1));
  object.symbol("entrypoint", main);
  const auto target = GetParam().is_defined ? object.symbol("data", data, 0, STT_OBJECT)
                                            : object.undefined("nowhere");
  object.relocate(main, GetParam().offset, GetParam().type, target);
  const Linked linked = link_one(object);
  EXPECT_TRUE(linked.image.empty());
  EXPECT_NE(linked.error.find(GetParam().says), std::string::npos) << linked.error;
  EXPECT_NE(linked.error.find("test.o"), std::string::npos) << linked.error;
}

INSTANTIATE_TEST_SUITE_P(
    Each, RelocateWrong,
    testing::Values(
        Wrong{"undefined_call", kCall, 0, {kCallUnresolved, kExit}, false, "nor a syscall"},
        Wrong{"undefined_load", kLddw, 0, {ins(0x18), ins(0), kExit}, false, "defined nowhere"},
        Wrong{"call_of_data", kCall, 0, {kCallUnresolved, kExit}, true, "no code"},
        Wrong{"call_on_no_call", kCall, 0, {ins(0xb7), kExit}, false, "is on none"},
        Wrong{"load_on_no_load", kLddw, 0, {ins(0xb7), ins(0), kExit}, true, "is on none"},
        Wrong{"load_cut_off", kLddw, 8, {kExit, ins(0x18)}, true, "is on none"},
        Wrong{"between_instructions", kCall, 4, {kCallUnresolved, kExit}, false, "is on none"},
        Wrong{"pointer_in_code", kPointer, 0, {kExit}, true, "not within constant data"},
        Wrong{"pointer_past_the_end", kPointer, 4, {kExit}, true, "not within constant data"},
        Wrong{"abs32", 3, 0, {kExit}, true, "relocation type 3"},
        Wrong{"nodyld32", 4, 0, {kExit}, true, "relocation type 4"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(Relocate, CallOutsideAFunctionsSectionIsRefused) {
  TestObject object;
  const auto main = object.text(".text.main", {ins(0x85, 0, 1, 0, 50), kExit});
  const auto other = object.text(".text.other", {kExit});
  object.symbol("entrypoint", main);
  object.relocate(main, 0, kCall, object.section_symbol(other));
  EXPECT_NE(link_one(object).error.find("outside the code"), std::string::npos);
}

TEST(Relocate, CallIntoTheMiddleOfAFunctionIsRefused) {
  TestObject object;
  const auto main = object.text(".text.main", {ins(0x85, 0, 1, 0, 0), kExit});
  const auto other = object.text(".text.other", {ins(0xb7), kExit});
  object.symbol("entrypoint", main);
  object.relocate(main, 0, kCall, object.symbol("other", other));
  EXPECT_NE(link_one(object).error.find("middle of other"), std::string::npos);
}

}  // namespace
}  // namespace obelisk::sbpf_ld
