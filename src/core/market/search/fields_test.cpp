#include "core/market/search/fields.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace obelisk::market::search {
namespace {

// Tests run at the root of the sources.
std::string text_of_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Fields, EachNameMeansOneField) {
  std::set<std::string_view> names;
  for (const FieldInfo& field : fields()) {
    for (const std::string_view name : {field.name, field.aliases[0], field.aliases[1]}) {
      if (name.empty()) continue;
      EXPECT_TRUE(names.insert(name).second) << name;
      ASSERT_NE(find_field(name), nullptr) << name;
      EXPECT_EQ(find_field(name)->field, field.field);
      EXPECT_TRUE(std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      })) << name;
    }
    EXPECT_FALSE(field.help.empty());
  }
  for (const char* keyword : {"and", "or", "not", "sort", "order"}) {
    EXPECT_EQ(find_field(keyword), nullptr) << "a keyword: " << keyword;
  }
  EXPECT_EQ(find_field(""), nullptr);
  EXPECT_EQ(find_field("VRAM"), find_field("gpu_ram"));
}

TEST(Fields, ASlipFindsTheFieldThatWasMeant) {
  EXPECT_EQ(nearest_field("vrm"), "vram");
  EXPECT_EQ(nearest_field("prise"), "price");
  EXPECT_EQ(nearest_field("bandwith"), "bandwidth");
  EXPECT_EQ(nearest_field("xyzzy"), "");
  EXPECT_EQ(nearest_field(""), "");
  EXPECT_EQ(nearest_field(std::string(1000, 'v')), "");
}

TEST(Fields, TheDocumentsHaveExactlyTheTable) {
  const std::string page = text_of_file("docs/search.md");
  EXPECT_NE(page.find(fields_markdown()), std::string::npos)
      << "docs/search.md has to hold these rows:\n"
      << fields_markdown();
  const std::string api = text_of_file("src/api/openapi.json");
  EXPECT_NE(api.find("Fields: " + field_names() + "."), std::string::npos)
      << "the description of q has to hold: Fields: " << field_names() << ".";
  for (const FieldInfo& field : fields()) {
    if (field.api.empty()) continue;
    EXPECT_NE(api.find("\"" + std::string(field.api) + "\": {"), std::string::npos) << field.api;
  }
}

}  // namespace
}  // namespace obelisk::market::search
