// Objects that are damaged: each must be refused with a message, and none may be read out of
// bounds.
#include "tools/sbpf-ld/object.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tools/sbpf-ld/test_object.hpp"

namespace obelisk::sbpf_ld {
namespace {

std::vector<std::uint8_t> sound_object() {
  TestObject object;
  const auto text = object.text(".text", {kCallUnresolved, kExit});
  object.constants(".rodata", {1, 2, 3});
  object.symbol("entrypoint", text);
  object.relocate(text, 0, 10, object.undefined("sol_log_"));
  return object.build();
}

std::string error_of(std::vector<std::uint8_t> file) {
  return link({{"test.o", std::move(file)}}, {}).error;
}

TEST(Object, SoundOneLinks) { EXPECT_EQ(error_of(sound_object()), ""); }

TEST(Object, EveryPrefixIsRefused) {
  const auto file = sound_object();
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_NE(error_of({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}), "")
        << size;
  }
}

// No flipped byte may crash the linker; the sanitizers watch.
TEST(Object, EveryFlippedByteIsSurvived) {
  const auto file = sound_object();
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      auto damaged = file;
      damaged[at] = static_cast<std::uint8_t>(value);
      const Linked linked = link({{"test.o", std::move(damaged)}}, {});
      EXPECT_NE(linked.image.empty(), linked.error.empty());
    }
  }
}

struct Damage {
  const char* name;
  std::function<void(TestObject&)> build;
  const char* says;
};

class ObjectDamaged : public testing::TestWithParam<Damage> {};

TEST_P(ObjectDamaged, IsRefused) {
  TestObject object;
  object.symbol("entrypoint", object.text(".text", {kExit}));
  GetParam().build(object);
  const Linked linked = link_one(object);
  EXPECT_TRUE(linked.image.empty());
  EXPECT_NE(linked.error.find(GetParam().says), std::string::npos) << linked.error;
}

INSTANTIATE_TEST_SUITE_P(
    Each, ObjectDamaged,
    testing::Values(
        Damage{"section_past_the_end", [](TestObject& o) { o.header_of(1).sh_size = 1 << 30; },
               "reaches past the end"},
        Damage{"huge_section", [](TestObject& o) { o.header_of(1).sh_size = ~0ull; },
               "reaches past the end"},
        Damage{"odd_alignment", [](TestObject& o) { o.header_of(1).sh_addralign = 24; },
               "no power of 2"},
        Damage{"symbol_in_no_section", [](TestObject& o) { o.raw_symbol(1).st_shndx = 99; },
               "in no section"},
        Damage{"symbol_outside", [](TestObject& o) { o.raw_symbol(1).st_value = 1000; },
               "lies outside"},
        Damage{"name_outside", [](TestObject& o) { o.raw_symbol(1).st_name = 1 << 20; },
               "outside its table"},
        Damage{"two_symbol_tables", [](TestObject& o) { o.section(".symtab", SHT_SYMTAB, 0, {}); },
               "two symbol tables"},
        Damage{"relocation_of_no_section", [](TestObject& o) { o.relocate(77, 0, 10, 1); },
               "for no section"},
        Damage{"relocation_of_no_symbol", [](TestObject& o) { o.relocate(1, 0, 10, 500); },
               "a symbol that is not there"},
        Damage{"relocation_outside", [](TestObject& o) { o.relocate(1, 4096, 10, 1); },
               "outside the section"},
        Damage{"rela", [](TestObject& o) { o.relocate(1, 0, 10, 1, SHT_RELA); }, "RELA"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(Object, OtherKindsOfFileAreRefused) {
  auto file = sound_object();
  file[EI_CLASS] = ELFCLASS32;
  EXPECT_NE(error_of(file).find("64-bit"), std::string::npos);
  file = sound_object();
  file[offsetof(Elf64_Ehdr, e_machine)] = EM_386;
  EXPECT_NE(error_of(file).find("clang --target=bpf"), std::string::npos);
  file = sound_object();
  file[offsetof(Elf64_Ehdr, e_type)] = ET_DYN;
  EXPECT_NE(error_of(file).find("-c"), std::string::npos);
  EXPECT_NE(error_of({'h', 'i'}).find("not an ELF file"), std::string::npos);
}

}  // namespace
}  // namespace obelisk::sbpf_ld
