// Any bytes as a query: what is read is written so that the same is read again, is within every
// bound, and can be asked; what is not says where. The same for sort orders and cursors.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "core/market/search/cursor.hpp"
#include "core/market/search/index.hpp"

namespace {

using namespace obelisk::market::search;

void check_query(std::string_view text, const Index& index) {
  const auto parsed = parse_query(text);
  if (const auto* mistake = std::get_if<Mistake>(&parsed)) {
    CHECK(mistake->at >= 1 && mistake->at <= text.size() + 1);
    CHECK(!mistake->what.empty() && mistake->what.size() < 400 && !mistake->action.empty());
    return;
  }
  const Query& query = std::get<Query>(parsed);
  const std::string written = to_text(query);
  if (written.size() <= kMaxQueryBytes) {
    const auto again = parse_query(written);
    CHECK(std::holds_alternative<Query>(again) && std::get<Query>(again) == query);
  }
  (void)index.find({query, query.sort, 140'000'000, 3});
}

void check_sort(std::string_view text) {
  const auto sort = parse_sort(text);
  if (const auto* keys = std::get_if<std::vector<SortKey>>(&sort)) {
    CHECK(std::get<std::vector<SortKey>>(parse_sort(to_text(*keys))) == *keys);
  }
}

void check_cursor(std::string_view text) {
  for (const auto& sort : {default_sort(), std::vector<SortKey>{{Field::region, true}}}) {
    const auto place = read_cursor(text, sort);
    if (place) CHECK(read_cursor(cursor_text(*place, sort), sort) == place);
  }
}

Index one_offer() {
  Entry entry;
  entry.offer.id = "0123456789abcdef";
  entry.offer.card = "rtx-4090";
  entry.offer.region = "eu-west";
  entry.offer.micro_usd_per_hour = 1'380'000;
  return Index({make_entry(std::move(entry.offer), {})});
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Index offered = one_offer();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_query(text, offered);
  check_sort(text);
  check_cursor(text);
  return 0;
}
