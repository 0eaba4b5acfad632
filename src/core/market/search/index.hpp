// Index: many entries as columns of numbers, so that a query is a few passes over plain memory.
// Built once and never changed; any thread may ask. It must never answer otherwise than the plain
// evaluation of every entry would: a test holds it to that.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/market/search/entry.hpp"

namespace obelisk::market::search {

// What is asked for, once the words are read.
struct Asked {
  const Query& query;                   // its own sort order does not matter here
  const std::vector<SortKey>& sort;     // the one to use
  std::uint64_t micro_usd_per_sol = 0;  // 0: no price now; then `sol` is unknown
  std::size_t limit = 100;
  const Place* after = nullptr;  // where the page before this one ended
};

struct Found {
  std::vector<EntryPointer> entries;  // in order, at most `limit`
  std::size_t matched = 0;            // on all pages together
  bool more = false;                  // others come after these
};

class Index {
 public:
  explicit Index(std::vector<EntryPointer> entries);

  // Entries with a 0 in `shown` do not exist; an empty span shows all.
  Found find(const Asked& asked, std::span<const std::uint8_t> shown = {}) const;

  std::size_t size() const { return entries_.size(); }
  const std::vector<EntryPointer>& entries() const { return entries_; }  // ordered by host
  // The entries of one host, as begin and end.
  std::pair<std::size_t, std::size_t> of_host(const base::PublicKey& host) const;

 private:
  // Of a text field the column has 2 * place + 1 in `words`, so that a text that is not there has a
  // place too, between two of them.
  struct Column {
    std::vector<std::uint64_t> values;
    std::vector<std::string> words;  // sorted, each once; of text fields only
  };
  struct Leaf {
    const std::uint64_t* values = nullptr;
    std::vector<Span> spans;
  };
  struct Plan {
    Node::Kind kind = Node::Kind::test;  // never `none`: a not is inside the leaves
    Leaf leaf;
    std::vector<Plan> parts;
  };

  void fill_words(Field field, Column& column) const;
  const Column& column(Field field) const { return columns_[static_cast<std::size_t>(field)]; }
  std::vector<Span> spans_of_set(const Test& test) const;
  std::vector<Span> spans_of(const Test& test, std::uint64_t micro_usd_per_sol) const;
  Plan plan(const Node& node, bool negated, std::uint64_t micro_usd_per_sol) const;
  std::vector<std::uint32_t> matches(const Asked& asked, std::span<const std::uint8_t> shown) const;
  void sort_page(std::vector<std::uint32_t>& rows, const Asked& asked, Found& out) const;
  std::vector<std::uint64_t> keys_of(const Place& place, const std::vector<SortKey>& sort) const;

  static void mark(const Plan& plan, std::size_t begin, std::size_t count, std::uint8_t* out);

  std::vector<EntryPointer> entries_;
  std::vector<Column> columns_;  // by Field
};

}  // namespace obelisk::market::search
