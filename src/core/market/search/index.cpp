#include "core/market/search/index.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "core/market/price.hpp"

namespace obelisk::market::search {
namespace {

constexpr std::size_t kBlock = 1024;  // its marks and a column's part of it stay in the first cache
constexpr std::uint64_t kLast = kUnknown - 1;

// Sorted, apart from each other, in place of any order and overlap.
std::vector<Span> tidied(std::vector<Span> spans) {
  std::ranges::sort(spans);
  std::vector<Span> out;
  for (const Span& span : spans) {
    if (!out.empty() && span.low <= out.back().high + 1) {
      out.back().high = std::max(out.back().high, span.high);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

// Everything known that is in none of them.
std::vector<Span> others(const std::vector<Span>& spans) {
  std::vector<Span> out;
  std::uint64_t next = 0;
  for (const Span& span : spans) {
    if (span.low > next) out.push_back({next, span.low - 1});
    next = span.high + 1;
  }
  if (next <= kLast) out.push_back({next, kLast});
  return out;
}

std::vector<Span> compared(Op op, const std::vector<Span>& with) {
  switch (op) {
    case Op::equal: return tidied(with);
    case Op::not_equal: return others(tidied(with));
    case Op::less:
      if (with[0].low == 0) return {};
      return {{0, with[0].low - 1}};
    case Op::at_most: return {{0, with[0].high}};
    case Op::more: return {{with[0].high + 1, kLast}};
    case Op::at_least: return {{with[0].low, kLast}};
  }
  return {};
}

// The least micro-USD that is at least so many lamports; kLast where none is.
std::uint64_t micro_usd_from(std::uint64_t lamports, std::uint64_t micro_usd_per_sol) {
  const auto enough = [&](std::uint64_t micro_usd) {
    const auto price = lamports_for(micro_usd, micro_usd_per_sol);
    return !price || price->count >= lamports;  // what does not fit is more
  };
  std::uint64_t low = 0;
  std::uint64_t high = kLast;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (enough(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

// The same in micro-USD, which is what an entry has: dearer in one is never cheaper in the other.
std::vector<Span> in_micro_usd(const std::vector<Span>& lamports, std::uint64_t micro_usd_per_sol) {
  std::vector<Span> out;
  if (micro_usd_per_sol == 0) return out;
  for (const Span& span : lamports) {
    const std::uint64_t low = micro_usd_from(span.low, micro_usd_per_sol);
    const std::uint64_t above =
        span.high == kLast ? kUnknown : micro_usd_from(span.high + 1, micro_usd_per_sol);
    if (above > low) out.push_back({low, above - 1});
  }
  return out;
}

// Whether one of the words of `text` is this one, or begins so.
bool has_member(std::string_view text, const Value& value) {
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view member = text.substr(at, text.find(' ', at) - at);
    if (value.prefix ? member.starts_with(value.text) : member == value.text) return true;
    at += member.size() + 1;
  }
  return false;
}

void mark_span(const std::uint64_t* values, std::size_t count, Span span, std::uint8_t* out,
               bool first) {
  const std::uint64_t low = span.low;
  const std::uint64_t width = span.high - span.low;
  if (first) {
    for (std::size_t i = 0; i < count; ++i) out[i] = values[i] - low <= width ? 1 : 0;
  } else {
    for (std::size_t i = 0; i < count; ++i) out[i] |= values[i] - low <= width ? 1 : 0;
  }
}

}  // namespace

Index::Index(std::vector<EntryPointer> entries)
    : entries_(std::move(entries)), columns_(kFieldCount) {
  std::ranges::sort(entries_, [](const EntryPointer& a, const EntryPointer& b) {
    return std::tie(a->offer.host, a->offer.card) < std::tie(b->offer.host, b->offer.card);
  });
  for (const FieldInfo& field : fields()) {
    Column& column = columns_[static_cast<std::size_t>(field.field)];
    column.values.resize(entries_.size(), kUnknown);
    if (field.kind != Kind::text) {
      for (std::size_t i = 0; i < entries_.size(); ++i) {
        column.values[i] = number_of(*entries_[i], field.field);
      }
      continue;
    }
    fill_words(field.field, column);
  }
}

void Index::fill_words(Field field, Column& column) const {
  std::vector<std::string> texts;
  texts.reserve(entries_.size());
  for (const EntryPointer& entry : entries_) texts.push_back(text_of(*entry, field));
  // Most texts are there many times: only the different ones are sorted.
  std::unordered_map<std::string_view, std::uint64_t> places;
  for (const std::string& text : texts) {
    if (!text.empty()) places.emplace(text, 0);
  }
  for (const auto& [text, place] : places) column.words.emplace_back(text);
  std::ranges::sort(column.words);
  for (std::size_t i = 0; i < column.words.size(); ++i) places[column.words[i]] = 2 * i + 1;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    if (!texts[row].empty()) column.values[row] = places[texts[row]];
  }
}

std::pair<std::size_t, std::size_t> Index::of_host(const base::PublicKey& host) const {
  const auto range = std::ranges::equal_range(
      entries_, host, {}, [](const EntryPointer& entry) { return entry->offer.host; });
  return {static_cast<std::size_t>(range.begin() - entries_.begin()),
          static_cast<std::size_t>(range.end() - entries_.begin())};
}

// Few texts are different from each other, so each is looked at.
std::vector<Span> Index::spans_of_set(const Test& test) const {
  std::vector<Span> with;
  const std::vector<std::string>& words = column(test.field).words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool has = std::ranges::any_of(
        test.values, [&](const Value& value) { return has_member(words[i], value); });
    if (has) with.push_back({2 * std::uint64_t{i} + 1, 2 * std::uint64_t{i} + 1});
  }
  return compared(test.op, with);
}

std::vector<Span> Index::spans_of(const Test& test, std::uint64_t micro_usd_per_sol) const {
  std::vector<Span> with;
  if (info(test.field).kind != Kind::text) {
    for (const Value& value : test.values) with.push_back(value.span);
    auto spans = compared(test.op, with);
    return test.field == Field::sol ? in_micro_usd(spans, micro_usd_per_sol) : spans;
  }
  if (is_set(test.field)) return spans_of_set(test);
  const std::vector<std::string>& words = column(test.field).words;
  for (const Value& value : test.values) {
    const auto begin = std::ranges::lower_bound(words, value.text);
    auto end = begin;
    if (value.prefix) {
      end = std::partition_point(begin, words.end(), [&](const std::string& word) {
        return word.starts_with(value.text);
      });
    } else if (begin != words.end() && *begin == value.text) {
      ++end;
    }
    if (begin == end) continue;
    with.push_back({2 * static_cast<std::uint64_t>(begin - words.begin()) + 1,
                    2 * static_cast<std::uint64_t>(end - words.begin()) - 1});
  }
  return compared(test.op, with);
}

Index::Plan Index::plan(const Node& node, bool negated, std::uint64_t micro_usd_per_sol) const {
  Plan out;
  switch (node.kind) {
    case Node::Kind::none: return plan(node.children.front(), !negated, micro_usd_per_sol);
    case Node::Kind::test:
      out.leaf = {column(node.test.field).values.data(), spans_of(node.test, micro_usd_per_sol)};
      if (negated && (node.test.field != Field::sol || micro_usd_per_sol != 0)) {
        out.leaf.spans = others(out.leaf.spans);
      }
      return out;
    case Node::Kind::all:
    case Node::Kind::any:
      // Not both is: one or the other not.
      out.kind = (node.kind == Node::Kind::all) != negated ? Node::Kind::all : Node::Kind::any;
      for (const Node& child : node.children) {
        out.parts.push_back(plan(child, negated, micro_usd_per_sol));
      }
      return out;
  }
  return out;
}

void Index::mark(const Plan& plan, std::size_t begin, std::size_t count, std::uint8_t* out) {
  if (plan.kind == Node::Kind::test) {
    if (plan.leaf.spans.empty()) std::fill_n(out, count, std::uint8_t{0});
    for (std::size_t i = 0; i < plan.leaf.spans.size(); ++i) {
      mark_span(plan.leaf.values + begin, count, plan.leaf.spans[i], out, i == 0);
    }
    return;
  }
  mark(plan.parts.front(), begin, count, out);
  std::array<std::uint8_t, kBlock> part;
  const bool both = plan.kind == Node::Kind::all;
  for (std::size_t p = 1; p < plan.parts.size(); ++p) {
    // A block that is decided already needs no further look.
    if (std::find(out, out + count, both ? 1 : 0) == out + count) return;
    mark(plan.parts[p], begin, count, part.data());
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = both ? static_cast<std::uint8_t>(out[i] & part[i])
                    : static_cast<std::uint8_t>(out[i] | part[i]);
    }
  }
}

std::vector<std::uint32_t> Index::matches(const Asked& asked,
                                          std::span<const std::uint8_t> shown) const {
  std::vector<std::uint32_t> rows;
  std::array<std::uint8_t, kBlock> marks;
  Plan everything;
  if (asked.query.where) everything = plan(*asked.query.where, false, asked.micro_usd_per_sol);
  for (std::size_t begin = 0; begin < entries_.size(); begin += kBlock) {
    const std::size_t count = std::min(kBlock, entries_.size() - begin);
    if (asked.query.where) {
      mark(everything, begin, count, marks.data());
    } else {
      std::fill_n(marks.data(), count, std::uint8_t{1});
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (marks[i] != 0 && (shown.empty() || shown[begin + i] != 0)) {
        rows.push_back(static_cast<std::uint32_t>(begin + i));
      }
    }
  }
  return rows;
}

std::vector<std::uint64_t> Index::keys_of(const Place& place,
                                          const std::vector<SortKey>& sort) const {
  std::vector<std::uint64_t> keys;
  const auto place_in = [](const std::vector<std::string>& words, const std::string& text) {
    const auto at = std::ranges::lower_bound(words, text);
    const auto index = static_cast<std::uint64_t>(at - words.begin());
    return 2 * index + (at != words.end() && *at == text ? 1 : 0);
  };
  for (std::size_t i = 0; i < sort.size(); ++i) {
    const Place::Part& part = place.parts[i];
    std::uint64_t key = part.number;
    if (info(sort[i].field).kind == Kind::text) {
      key = part.text.empty() ? kUnknown : place_in(column(sort[i].field).words, part.text);
    }
    keys.push_back(key == kUnknown || !sort[i].descending ? key : kLast - key);
  }
  keys.push_back(place_in(column(Field::id).words, place.id));
  return keys;
}

void Index::sort_page(std::vector<std::uint32_t>& rows, const Asked& asked, Found& out) const {
  // Every key as a number that grows along the order: the first beside its row, where the sort
  // finds it without another look into memory.
  const std::vector<SortKey>& sort = asked.sort;
  const auto key_of = [&](std::uint32_t row, std::size_t i) {
    if (i == sort.size()) return column(Field::id).values[row];
    const std::uint64_t value = column(sort[i].field).values[row];
    return value == kUnknown || !sort[i].descending ? value : kLast - value;
  };
  using Keyed = std::pair<std::uint64_t, std::uint32_t>;
  const auto earlier = [&](const Keyed& a, const Keyed& b) {
    if (a.first != b.first) return a.first < b.first;
    for (std::size_t i = 1; i <= sort.size(); ++i) {
      const std::uint64_t mine = key_of(a.second, i);
      const std::uint64_t other = key_of(b.second, i);
      if (mine != other) return mine < other;
    }
    return false;
  };
  std::vector<std::uint64_t> after;
  if (asked.after != nullptr) after = keys_of(*asked.after, sort);
  const auto is_after = [&](const Keyed& keyed) {
    if (after.empty() || keyed.first != after[0]) return after.empty() || keyed.first > after[0];
    for (std::size_t i = 1; i < after.size(); ++i) {
      const std::uint64_t key = key_of(keyed.second, i);
      if (key != after[i]) return key > after[i];
    }
    return false;
  };
  std::vector<Keyed> keyed;
  keyed.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    const Keyed one{key_of(row, 0), row};
    if (is_after(one)) keyed.push_back(one);
  }
  const std::size_t shown = std::min(asked.limit, keyed.size());
  const auto cut = keyed.begin() + static_cast<std::ptrdiff_t>(shown);
  out.more = shown < keyed.size();
  if (out.more) std::ranges::nth_element(keyed, cut, earlier);
  std::sort(keyed.begin(), cut, earlier);
  for (std::size_t i = 0; i < shown; ++i) out.entries.push_back(entries_[keyed[i].second]);
}

Found Index::find(const Asked& asked, std::span<const std::uint8_t> shown) const {
  Found out;
  std::vector<std::uint32_t> rows = matches(asked, shown);
  out.matched = rows.size();
  sort_page(rows, asked, out);
  return out;
}

}  // namespace obelisk::market::search
