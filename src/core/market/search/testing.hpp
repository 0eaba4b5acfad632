// What tests of the search stand on: entries and queries out of a seed, and the plain evaluation
// that the index is held to. Only tests and the benchmark include this.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/cards/catalogue.hpp"
#include "core/market/price.hpp"
#include "core/market/search/entry.hpp"

namespace obelisk::market::search::testing {

inline constexpr std::uint64_t kSolPrice = 140'000'000;  // micro-USD

using Random = std::mt19937_64;

inline std::uint64_t below(Random& random, std::uint64_t end) { return random() % end; }

template <class List>
auto one_of(Random& random, const List& list) {
  return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(random, std::size(list))));
}

inline base::PublicKey host_of(std::uint64_t number) {
  base::PublicKey out;
  for (std::size_t i = 0; i < 8; ++i) {
    out.bytes[i] = static_cast<std::uint8_t>(number * 0x9e3779b97f4a7c15ull >> (8 * i));
  }
  out.bytes[31] = 1;
  return out;
}

// Values come from short lists, so that many entries are alike and every field is unknown in some.
inline EntryPointer random_entry(Random& random, std::uint64_t host) {
  constexpr std::string_view kRegions[] = {"", "eu-west", "EU-north", "us-east", "us-west", "asia"};
  constexpr const char* kTemplates[] = {"", "ssh", "jupyter", "pytorch"};
  constexpr std::string_view kDrivers[] = {"", "550.54.15", "550.90.07", "535.183.01", "570.86"};
  constexpr std::uint32_t kCuda[] = {0, 12'020, 12'040, 12'080, 13'000};
  const cards::Card& card = cards::catalogue()[below(random, cards::catalogue().size())];
  Entry entry;
  Offer& offer = entry.offer;
  offer.host = host_of(host);
  offer.card = card.id;
  offer.id = offer_id(offer.host, card.id);
  offer.listed = 1 + below(random, 8);
  offer.free.resize(1 + below(random, offer.listed));
  for (ListedCard& one : offer.free) one.proven_bytes = (below(random, 4) * 10) << 30;
  offer.memory_bytes = card.memory_bytes();
  offer.micro_usd_per_hour = 100'000 + 10'000 * below(random, 300);
  offer.micro_usd_per_gb_month = 10'000 * below(random, 3);
  offer.disk_bytes_max = (1 + below(random, 20)) * 50'000'000'000;
  offer.ram_bytes = (1 + below(random, 16)) << 33;
  offer.cpu_milli = 500 * static_cast<std::uint32_t>(1 + below(random, 32));
  offer.max_seconds = 3600 * static_cast<std::uint32_t>(1 + below(random, 72));
  offer.min_seconds = 60 * static_cast<std::uint32_t>(1 + below(random, 120));
  for (std::uint64_t i = 1 + below(random, 3); i > 0; --i) {
    const std::string digest = "sha256:" + std::string(64, "0123456789abcdef"[below(random, 4)]);
    offer.images.push_back({digest, one_of(random, kTemplates), 1'000'000});
  }
  offer.region = one_of(random, kRegions);
  if (below(random, 2) != 0) offer.pulls_max_bytes = 10'000'000'000 * (1 + below(random, 5));
  offer.simulated = below(random, 4) == 0;
  Reported& reported = offer.reported;
  if (below(random, 3) != 0) reported.cpu_name = "AMD EPYC " + std::to_string(below(random, 9));
  reported.driver_version = one_of(random, kDrivers);
  reported.cuda_version = one_of(random, kCuda);
  if (below(random, 3) != 0) reported.pcie_generation = 3 + below(random, 3);
  if (below(random, 3) != 0) reported.pcie_lanes = 1u << below(random, 5);
  if (below(random, 3) != 0) reported.nvlink_links = 6 * below(random, 4);
  if (below(random, 3) != 0) reported.power_limit_mw = 50'000 * (1 + below(random, 14));
  if (below(random, 2) != 0) {
    const std::uint64_t p50 = 500 + below(random, 2000);
    entry.logins = {1 + static_cast<std::uint32_t>(below(random, 100)), p50,
                    p50 + below(random, 2000)};
  }
  if (below(random, 2) != 0) reported.memory_bytes_per_s = 100'000'000'000 * below(random, 30);
  if (below(random, 2) != 0) reported.disk_bytes_per_s = 500'000'000 * below(random, 12);
  if (below(random, 2) != 0) reported.download_bits_per_s = 100'000'000 * below(random, 10);
  Endings endings;
  if (below(random, 2) != 0) {
    endings.count = 1 + static_cast<std::uint32_t>(below(random, 100));
    endings.kept = static_cast<std::uint32_t>(below(random, endings.count + 1));
  }
  return make_entry(std::move(entry.offer), entry.logins, endings);
}

inline std::vector<EntryPointer> random_entries(Random& random, std::size_t count) {
  std::vector<EntryPointer> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(random_entry(random, i));
  return out;
}

inline std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == ' ') {
      out.emplace_back();
    } else {
      out.back().push_back(c);
    }
  }
  return out;
}

inline Value random_value(Random& random, const FieldInfo& field, const Entry& like) {
  Value out;
  if (field.kind == Kind::text) {
    out.text = text_of(like, field.field);
    if (is_set(field.field) && !out.text.empty()) out.text = one_of(random, words_of(out.text));
    if (field.field != Field::card && below(random, 3) == 0) {
      out.prefix = true;
      out.text.resize(below(random, out.text.size() + 1));
    }
  } else if (field.kind == Kind::flag) {
    const std::uint64_t flag = below(random, 2);
    out.span = {flag, flag};
  } else {
    std::uint64_t number = number_of(like, field.field);
    if (number == kUnknown) number = below(random, 1'000'000);
    if (field.field == Field::sol) number = lamports_for(number, kSolPrice)->count;
    number += below(random, 3);
    out.span = {number, below(random, 4) == 0 ? number + below(random, 1'000'000) : number};
  }
  return out;
}

inline Node random_node(Random& random, const std::vector<EntryPointer>& entries, int depth) {
  Node out;
  const std::uint64_t pick = depth == 0 ? 0 : below(random, 6);
  if (pick < 3) {
    const FieldInfo& field = fields()[below(random, kFieldCount)];
    out.kind = Node::Kind::test;
    out.test.field = field.field;
    const bool ordered = field.kind != Kind::text && field.kind != Kind::flag;
    out.test.op = static_cast<Op>(below(random, ordered ? 6 : 2));
    const std::size_t values = out.test.op <= Op::not_equal ? 1 + below(random, 3) : 1;
    for (std::size_t i = 0; i < values; ++i) {
      out.test.values.push_back(random_value(random, field, *one_of(random, entries)));
      // A span is compared by = and != alone, but for versions.
      if (out.test.op > Op::not_equal) out.test.values[0].span.high = out.test.values[0].span.low;
    }
    return out;
  }
  out.kind = pick == 3 ? Node::Kind::none : pick == 4 ? Node::Kind::all : Node::Kind::any;
  const std::size_t children = out.kind == Node::Kind::none ? 1 : 2 + below(random, 2);
  for (std::size_t i = 0; i < children; ++i) {
    out.children.push_back(random_node(random, entries, depth - 1));
  }
  return out;
}

inline std::vector<SortKey> random_sort(Random& random) {
  std::vector<SortKey> out;
  for (std::size_t i = below(random, kMaxSortKeys + 1); i > 0; --i) {
    const auto field = static_cast<Field>(below(random, kFieldCount));
    if (is_set(field) || std::ranges::find(out, field, &SortKey::field) != out.end()) continue;
    out.push_back({field, below(random, 2) == 0});
  }
  return out;
}

// Yes, no, or nobody knows.
enum class Truth : std::uint8_t { no, unknown, yes };

inline Truth truth_of(const Test& test, const Entry& entry) {
  const FieldInfo& field = info(test.field);
  if (field.kind == Kind::text) {
    const std::string text = text_of(entry, test.field);
    if (text.empty()) return Truth::unknown;
    const auto texts = is_set(test.field) ? words_of(text) : std::vector<std::string>{text};
    const bool any = std::ranges::any_of(test.values, [&](const Value& value) {
      return std::ranges::any_of(texts, [&](const std::string& one) {
        return value.prefix ? one.starts_with(value.text) : one == value.text;
      });
    });
    return any == (test.op == Op::equal) ? Truth::yes : Truth::no;
  }
  std::uint64_t number = number_of(entry, test.field);
  if (number == kUnknown) return Truth::unknown;
  if (test.field == Field::sol) number = lamports_for(number, kSolPrice)->count;
  const Span span = test.values.front().span;
  const bool any = std::ranges::any_of(test.values, [&](const Value& value) {
    return value.span.low <= number && number <= value.span.high;
  });
  bool yes = false;
  switch (test.op) {
    case Op::equal: yes = any; break;
    case Op::not_equal: yes = !any; break;
    case Op::less: yes = number < span.low; break;
    case Op::at_most: yes = number <= span.high; break;
    case Op::more: yes = number > span.high; break;
    case Op::at_least: yes = number >= span.low; break;
  }
  return yes ? Truth::yes : Truth::no;
}

inline Truth truth_of(const Node& node, const Entry& entry) {
  if (node.kind == Node::Kind::test) return truth_of(node.test, entry);
  Truth out = truth_of(node.children.front(), entry);
  if (node.kind == Node::Kind::none) {
    if (out == Truth::unknown) return out;
    return out == Truth::yes ? Truth::no : Truth::yes;
  }
  for (const Node& child : node.children) {
    const Truth next = truth_of(child, entry);
    out = node.kind == Node::Kind::all ? std::min(out, next) : std::max(out, next);
  }
  return out;
}

inline bool plainly_matches(const Query& query, const Entry& entry) {
  return !query.where || truth_of(*query.where, entry) == Truth::yes;
}

// Every match, in order: what all pages together have to be.
inline std::vector<EntryPointer> plainly(const std::vector<EntryPointer>& entries,
                                         const Query& query, const std::vector<SortKey>& sort) {
  std::vector<std::pair<Place, EntryPointer>> found;
  for (const EntryPointer& entry : entries) {
    if (plainly_matches(query, *entry)) found.emplace_back(place_of(*entry, sort), entry);
  }
  std::ranges::sort(found,
                    [&](const auto& a, const auto& b) { return before(a.first, b.first, sort); });
  std::vector<EntryPointer> out;
  for (auto& [place, entry] : found) out.push_back(std::move(entry));
  return out;
}

}  // namespace obelisk::market::search::testing
