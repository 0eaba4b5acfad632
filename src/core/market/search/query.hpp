// Query: what somebody looks for, as the filter language of docs/search.md says it, and back. It
// must never grow beyond the bounds below: queries come from anybody.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "core/market/search/fields.hpp"
#include "core/market/search/quantity.hpp"

namespace obelisk::market::search {

inline constexpr std::size_t kMaxQueryBytes = 1024;
inline constexpr std::size_t kMaxTests = 32;   // comparisons in one query
inline constexpr std::size_t kMaxValues = 64;  // in all of them together
inline constexpr std::size_t kMaxDepth = 16;   // of parentheses and nots
inline constexpr std::size_t kMaxSortKeys = 4;

enum class Op : std::uint8_t { equal, not_equal, less, at_most, more, at_least };

// One thing a field is compared with: a span of numbers, or a text (flags are 0 and 1).
struct Value {
  Span span;
  std::string text;     // of text fields, in lower case
  bool prefix = false;  // `text` is only its beginning
  bool operator==(const Value&) const = default;
};

struct Test {
  Field field{};
  Op op = Op::equal;
  std::vector<Value> values;  // one, or more after = and !=
  bool operator==(const Test&) const = default;
};

struct Node {
  enum class Kind : std::uint8_t { test, all, any, none };
  Kind kind = Kind::all;
  Test test;                   // of Kind::test
  std::vector<Node> children;  // of all and any: two or more; of none (a not): one
  bool operator==(const Node&) const = default;
};

struct SortKey {
  Field field{};
  bool descending = false;
  bool operator==(const SortKey&) const = default;
};

struct Query {
  std::optional<Node> where;  // nothing: everything
  std::vector<SortKey> sort;  // empty: the default
  bool operator==(const Query&) const = default;
};

// Why a text is no query: where, counted in bytes from 1, what is wrong there, what to do.
struct Mistake {
  std::size_t at = 0;
  std::string what;
  std::string action;

  // "At 12: 'vrm' is no field; did you mean vram?"
  base::Error error() const;
};

// An empty text is every offer.
std::variant<Query, Mistake> parse_query(std::string_view text);
// Whether what it finds depends on this field; how it is sorted does not count.
bool asks_for(const Query& query, Field field);
// "price,-vram": a minus turns a key around.
std::variant<std::vector<SortKey>, Mistake> parse_sort(std::string_view text);

// What parse_query reads as just that query.
std::string to_text(const Query& query);
std::string to_text(const std::vector<SortKey>& sort);

// The cheapest first, and of those the one with most free cards.
std::vector<SortKey> default_sort();

}  // namespace obelisk::market::search
