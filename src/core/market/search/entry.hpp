// Entry: one offer as a search sees it, and the value of each field there. It must never make up a
// value: what nobody reported or measured is kUnknown.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cards/catalogue.hpp"
#include "core/market/book.hpp"
#include "core/market/search/query.hpp"

namespace obelisk::market::search {

// How long renters of one offer waited from the confirmed payment to the first login.
struct LoginTimes {
  std::uint32_t count = 0;  // 0: the others mean nothing
  std::uint64_t p50_ms = 0;
  std::uint64_t p95_ms = 0;
  bool operator==(const LoginTimes&) const = default;
};

// How the last leases of one offer ended: `kept` of them became ready and were not ended by their
// host or by its silence. Those that their renter cancelled before count nowhere.
struct Endings {
  std::uint32_t count = 0;  // 0: nobody knows
  std::uint32_t kept = 0;
  std::uint64_t kept_bps() const { return count == 0 ? 0 : std::uint64_t{kept} * 10'000 / count; }
  bool operator==(const Endings&) const = default;
};

struct Entry {
  Offer offer;
  LoginTimes logins;
  Endings endings;
  // What is dear to find out, once: an index is made of the same entries again and again.
  const cards::Card* card = nullptr;  // of the catalogue; null: not in it
  std::string host_text;              // in lower case
};
using EntryPointer = std::shared_ptr<const Entry>;
EntryPointer make_entry(Offer offer, const LoginTimes& logins, const Endings& endings = {});

// Of every field that is no text; of `sol` the price in micro-USD, whose order is the same.
std::uint64_t number_of(const Entry& entry, Field field);
// Of a text field, in lower case; empty: unknown.
std::string text_of(const Entry& entry, Field field);

// Where an entry stands in an order: its value for each key, then its id. An unknown value stands
// last, whichever way the key runs.
struct Place {
  struct Part {
    std::uint64_t number = kUnknown;
    std::string text;
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;
  std::string id;
  bool operator==(const Place&) const = default;
};
Place place_of(const Entry& entry, const std::vector<SortKey>& sort);
// Whether `a` comes before `b`; both of this order.
bool before(const Place& a, const Place& b, const std::vector<SortKey>& sort);

// The nearest-rank percentiles of the waits; nothing counted where there are none.
LoginTimes login_times(std::vector<std::uint32_t> waits_ms);

}  // namespace obelisk::market::search
