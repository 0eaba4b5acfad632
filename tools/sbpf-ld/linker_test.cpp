// The link as a whole: what is kept, where it goes, and the file that comes out.
#include "tools/sbpf-ld/linker.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tools/sbpf-ld/test_object.hpp"

namespace obelisk::sbpf_ld {
namespace {

constexpr std::uint32_t kLddw = 1;
constexpr std::uint32_t kCall = 10;

TEST(Linker, FileHasTheShapeTheLoaderTakes) {
  TestObject object;
  const auto text = object.text(".text", {ins(0x18, 1), ins(0), kExit});
  const auto data = object.constants(".rodata", {1, 2, 3}, 1);
  object.symbol("entrypoint", text);
  object.relocate(text, 0, kLddw, object.symbol("data", data, 0, STT_OBJECT));
  const Linked linked = link_one(object);
  ASSERT_EQ(linked.error, "");
  const Loaded loaded = load_image(linked.image);
  EXPECT_EQ(loaded.header.e_machine, EM_BPF);
  EXPECT_EQ(loaded.header.e_flags, 3u);
  EXPECT_EQ(loaded.header.e_entry, 0x100000000u);
  EXPECT_EQ(loaded.header.e_phoff, 64u);
  ASSERT_EQ(loaded.segments.size(), 2u);
  EXPECT_EQ(loaded.segments[0].p_flags, PF_R);
  EXPECT_EQ(loaded.segments[0].p_offset, 176u);
  EXPECT_EQ(loaded.segments[0].p_vaddr, 0u);
  EXPECT_EQ(loaded.segments[0].p_filesz, 16u);  // 8 zero bytes, 3 of data, rounded up
  EXPECT_EQ(loaded.segments[1].p_flags, PF_X);
  EXPECT_EQ(loaded.segments[1].p_offset, 176u + 16);
  EXPECT_EQ(loaded.segments[1].p_vaddr, 0x100000000u);
  for (const Elf64_Phdr& segment : loaded.segments) {
    EXPECT_EQ(segment.p_filesz, segment.p_memsz);
    EXPECT_EQ(segment.p_offset % 8, 0u);
    EXPECT_EQ(segment.p_filesz % 8, 0u);
  }
  EXPECT_EQ(*load<std::uint64_t>(loaded.read_only, 0), 0u) << "nothing may have the address 0";
  EXPECT_EQ(loaded.read_only[8], 1);
}

TEST(Linker, WithoutConstantsOnlyTheCodeIsLoaded) {
  const Loaded loaded = load_image(link_code({kExit}).image);
  ASSERT_EQ(loaded.segments.size(), 1u);
  EXPECT_EQ(loaded.segments[0].p_offset, 120u);
  EXPECT_EQ(loaded.segments[0].p_flags, PF_X);
}

TEST(Linker, ThereIsAlwaysASectionTableWithinTheFile) {
  const auto image = link_code({kExit}).image;
  const Elf64_Ehdr header = load_image(image).header;
  ASSERT_GT(header.e_shnum, 0);
  ASSERT_EQ(header.e_shoff + header.e_shnum * sizeof(Elf64_Shdr), image.size());
  const auto names =
      *load<Elf64_Shdr>(image, header.e_shoff + header.e_shstrndx * sizeof(Elf64_Shdr));
  const auto text = *load<Elf64_Shdr>(image, header.e_shoff + sizeof(Elf64_Shdr));
  EXPECT_STREQ(reinterpret_cast<const char*>(image.data() + names.sh_offset + text.sh_name),
               ".text");
}

TEST(Linker, WhatTheEntryDoesNotReachIsLeftOut) {
  TestObject object;
  object.symbol("entrypoint", object.text(".text.main", {kExit}));
  const auto unused = object.text(".text.unused", {ins(0x04), kExit});
  object.symbol("unused", unused);
  object.relocate(unused, 0, kCall, object.undefined("nobody_has_this"));
  const Linked linked = link_one(object);
  ASSERT_EQ(linked.error, "");
  EXPECT_EQ(load_image(linked.image).text.size(), 8u);
}

TEST(Linker, TheEntryNeedNotComeFirstInItsSection) {
  TestObject object;
  const auto text = object.text(".text", {ins(0xb7), kExit, kExit});
  object.symbol("entrypoint", text, 16);
  EXPECT_EQ(load_image(link_one(object).image).header.e_entry, 0x100000010u);
}

TEST(Linker, AnotherEntry) {
  TestObject object;
  object.symbol("start", object.text(".text", {kExit}));
  EXPECT_NE(link_one(object).error.find("no object defines the entry entrypoint"),
            std::string::npos);
  TestObject again;
  again.symbol("start", again.text(".text", {kExit}));
  EXPECT_EQ(link_one(again, {"start", false}).error, "");
}

TEST(Linker, CallsAcrossObjects) {
  TestObject main;
  const auto text = main.text(".text", {kCallUnresolved, kExit});
  main.symbol("entrypoint", text);
  main.relocate(text, 0, kCall, main.undefined("helper"));
  TestObject helper;
  helper.symbol("helper", helper.text(".text", {ins(0xb7), kExit}));
  const Linked linked = link({{"main.o", main.build()}, {"helper.o", helper.build()}}, {});
  ASSERT_EQ(linked.error, "");
  EXPECT_EQ(load_image(linked.image).word(0), ins(0x85, 0, 1, 0, 1));
}

TEST(Linker, OneStrongDefinitionWinsAndTwoAreRefused) {
  const auto object = [](std::int32_t value, unsigned bind) {
    TestObject one;
    one.symbol("entrypoint", one.text(".text", {ins(0xb7, 0, 0, 0, value), kExit}), 0, STT_FUNC,
               bind);
    return one.build();
  };
  const auto first_of = [](const Linked& linked) { return load_image(linked.image).immediate(0); };
  EXPECT_EQ(first_of(link({{"a", object(1, STB_WEAK)}, {"b", object(2, STB_GLOBAL)}}, {})), 2);
  EXPECT_EQ(first_of(link({{"a", object(1, STB_GLOBAL)}, {"b", object(2, STB_WEAK)}}, {})), 1);
  EXPECT_EQ(first_of(link({{"a", object(1, STB_WEAK)}, {"b", object(2, STB_WEAK)}}, {})), 1);
  const Linked twice = link({{"a", object(1, STB_GLOBAL)}, {"b", object(2, STB_GLOBAL)}}, {});
  EXPECT_NE(twice.error.find("already defined in a"), std::string::npos) << twice.error;
}

TEST(Linker, WritableDataIsRefused) {
  for (const auto type : {SHT_PROGBITS, SHT_NOBITS}) {
    TestObject object;
    const auto text = object.text(".text", {ins(0x18, 1), ins(0), kExit});
    const auto data = object.section(".data", static_cast<std::uint32_t>(type),
                                     SHF_ALLOC | SHF_WRITE, std::vector<std::uint8_t>(8, 0));
    object.symbol("entrypoint", text);
    object.relocate(text, 0, kLddw, object.symbol("counter", data, 0, STT_OBJECT));
    const Linked linked = link_one(object);
    EXPECT_NE(linked.error.find("make it const"), std::string::npos) << linked.error;
  }
}

TEST(Linker, OddSectionsAreRefused) {
  TestObject aligned;
  aligned.symbol("entrypoint", aligned.text(".text", {kExit}));
  aligned.header_of(1).sh_addralign = 32;
  EXPECT_NE(link_one(aligned).error.find("alignment above 16"), std::string::npos);

  TestObject cut;
  cut.symbol("entrypoint", cut.section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR,
                                       std::vector<std::uint8_t>(12, 0)));
  EXPECT_NE(link_one(cut).error.find("no multiple of 8"), std::string::npos);

  TestObject absolute;
  absolute.symbol("entrypoint", SHN_ABS);
  EXPECT_NE(link_one(absolute).error.find("absolute or common"), std::string::npos);

  TestObject data;
  data.symbol("entrypoint", data.constants(".rodata", std::vector<std::uint8_t>(8, 0)));
  EXPECT_NE(link_one(data).error.find("not a function"), std::string::npos);

  TestObject end;
  end.symbol("entrypoint", end.text(".text", {kExit}), 8);
  EXPECT_NE(link_one(end).error.find("point at an instruction"), std::string::npos);
}

// The section headers of a finished file, by name.
std::map<std::string, Elf64_Shdr> sections_of(const std::vector<std::uint8_t>& image) {
  const Elf64_Ehdr header = load_image(image).header;
  const auto at = [&](std::uint64_t index) {
    return *load<Elf64_Shdr>(image, header.e_shoff + index * sizeof(Elf64_Shdr));
  };
  std::map<std::string, Elf64_Shdr> sections;
  for (unsigned i = 1; i < header.e_shnum; ++i) {
    const std::uint64_t name = at(header.e_shstrndx).sh_offset + at(i).sh_name;
    sections[reinterpret_cast<const char*>(image.data() + name)] = at(i);
  }
  return sections;
}

constexpr std::uint32_t kPointer = 2;

TEST(Linker, SecurityTxtIsKeptThoughNothingReachesIt) {
  TestObject object;
  const auto section = object.constants(".security.txt", std::vector<std::uint8_t>(16, 0));
  const auto said = object.constants(".rodata.said", {'s', 'a', 'i', 'd'}, 1);
  object.relocate(section, 0, kPointer, object.section_symbol(said));
  object.constants(".rodata.unused", std::vector<std::uint8_t>(64, 1));
  const auto text = object.text(".text", {ins(0x18, 1), ins(0), kExit});
  object.symbol("entrypoint", text);
  object.relocate(text, 0, kLddw, object.section_symbol(object.constants(".rodata", {7}, 1)));
  const Linked linked = link_one(object);
  ASSERT_EQ(linked.error, "");
  const auto sections = sections_of(linked.image);
  ASSERT_TRUE(sections.contains(".security.txt"));
  const Elf64_Shdr& found = sections.at(".security.txt");
  const Elf64_Shdr& constants = sections.at(".rodata");
  EXPECT_EQ(found.sh_size, 16u);
  EXPECT_EQ(found.sh_addr, constants.sh_addr + constants.sh_size);
  EXPECT_EQ(found.sh_offset, constants.sh_offset + constants.sh_size);
  const auto pointer = *load<std::uint64_t>(linked.image, found.sh_offset);
  const auto read_only = load_image(linked.image).read_only;
  ASSERT_LE(pointer + 4, read_only.size());
  EXPECT_EQ(std::string(read_only.begin() + static_cast<std::ptrdiff_t>(pointer),
                        read_only.begin() + static_cast<std::ptrdiff_t>(pointer) + 4),
            "said");
  EXPECT_EQ(read_only.size(), found.sh_addr + found.sh_size);
  EXPECT_EQ(load_image(linked.image).immediate(0), 8) << "the program's own constants come first";
}

TEST(Linker, SecurityTxtIsOneAndIsConstant) {
  const auto object = [](const char* entry) {
    TestObject one;
    one.symbol(entry, one.text(".text", {kExit}));
    one.constants(".security.txt", std::vector<std::uint8_t>(16, 0));
    return one.build();
  };
  const Linked twice = link({{"a", object("entrypoint")}, {"b", object("other")}}, {});
  EXPECT_NE(twice.error.find("b: a second .security.txt beside that of a"), std::string::npos);

  TestObject code;
  code.symbol("entrypoint", code.text(".security.txt", {kExit}));
  EXPECT_NE(link_one(code).error.find("is code"), std::string::npos);

  TestObject writable;
  writable.symbol("entrypoint", writable.text(".text", {kExit}));
  writable.section(".security.txt", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE,
                   std::vector<std::uint8_t>(16, 0));
  EXPECT_NE(link_one(writable).error.find("make it const"), std::string::npos);

  TestObject empty;
  empty.symbol("entrypoint", empty.text(".text", {kExit}));
  empty.constants(".security.txt", {});
  EXPECT_EQ(sections_of(link_one(empty).image).count(".security.txt"), 0u);
}

TEST(Linker, SymbolsAreKeptOnRequest) {
  TestObject plain;
  plain.symbol("entrypoint", plain.text(".text", {kExit}));
  TestObject named;
  named.symbol("entrypoint", named.text(".text", {kExit}));
  const auto without = link_one(plain).image;
  const auto with = link_one(named, {"entrypoint", true}).image;
  const std::string text(with.begin(), with.end());
  EXPECT_GT(with.size(), without.size());
  EXPECT_NE(text.find("entrypoint"), std::string::npos);
  EXPECT_EQ(load_image(with).text, load_image(without).text);
}

TEST(Linker, TheSameObjectsGiveTheSameBytes) {
  TestObject a;
  a.symbol("entrypoint", a.text(".text", {kExit}));
  TestObject b;
  b.symbol("entrypoint", b.text(".text", {kExit}));
  EXPECT_EQ(link({{"one/a.o", a.build()}}, {}).image, link({{"two/b.o", b.build()}}, {}).image);
}

TEST(Linker, NothingAtAllIsRefused) {
  EXPECT_NE(link({}, {}).error.find("no object defines"), std::string::npos);
}

}  // namespace
}  // namespace obelisk::sbpf_ld
