// OfferStreams: readers who follow a search: what it finds first, then what comes, changes and
// goes. Readers of one search share its evaluation, and a search is evaluated only where something
// changed. Readers who see no offer stand in a line, so that a card that becomes free is shown to
// the one who waits longest first. Any thread may call. It must never hold an offer back from
// anybody for longer than the line's bound.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/http/server.hpp"
#include "apps/market/limits.hpp"
#include "apps/market/offer_desk.hpp"
#include "apps/market/offer_query.hpp"
#include "ports/price_source.hpp"

namespace obelisk::market_app {

// The first so many in the order of the search are followed.
inline constexpr std::size_t kFollowedOffers = 100;
// Different searches at once; each is evaluated once a change.
inline constexpr std::size_t kMaxSearches = 128;
// Each place in the line is told so much later than the one before, and none later than the bound.
inline constexpr std::int64_t kHeadStartMs = 1000;
inline constexpr std::size_t kMaxPlaces = 10;

class OfferStreams {
 public:
  // All of them must outlive it.
  OfferStreams(OfferDesk& offers, ports::PriceSource& prices, ports::Clock& clock,
               const Limits& limits = {})
      : offers_(offers), prices_(prices), clock_(clock), limits_(limits) {}

  // rate_limited where no further stream or no further search is taken; ask before the stream is
  // opened.
  base::Result<void> admit(const OfferQuery& query, const std::string& remote_address);
  // Sends the snapshot at once.
  void open(OfferQuery query, const std::string& remote_address,
            std::shared_ptr<http::EventStream> stream);
  // Tells what changed and whose turn it is; from one thread, every second or so.
  void step();
  std::size_t count() const;

 private:
  using Entry = market::search::EntryPointer;
  struct Reader {
    std::string remote_address;
    std::shared_ptr<http::EventStream> stream;
    std::uint64_t number = 0;  // grows from reader to reader
    std::uint64_t next_id = 1;
    std::uint64_t page = 0;             // the number of the page that was told
    std::map<std::string, Entry> told;  // by offer
  };
  struct Search {
    OfferQuery asked;
    bool uses_rate = false;
    std::shared_ptr<const market::search::Shelf> seen;
    std::uint64_t micro_usd_per_sol = 0;
    std::vector<Entry> entries;
    std::size_t free = 0;    // cards of these
    std::uint64_t page = 0;  // grows with each evaluation
    std::vector<Reader> readers;
  };
  // An offer that some search finds: since when, and who waited for it then, the longest first.
  struct Arrival {
    std::int64_t at_ms = 0;
    std::vector<std::uint64_t> line;
  };

  static std::string key_of(const OfferQuery& query);
  void sweep();
  std::size_t readers() const;
  void evaluate(Search& search, std::uint64_t micro_usd_per_sol) const;
  void note_arrivals();
  bool may_see(const Search& search, const Reader& reader, const std::string& offer) const;
  void tell(const Search& search, Reader& reader) const;

  OfferDesk& offers_;
  ports::PriceSource& prices_;
  ports::Clock& clock_;
  const Limits limits_;
  mutable std::mutex mutex_;
  // All below guarded by mutex_. Every search looks at one shelf, so that nobody is ahead.
  std::shared_ptr<const market::search::Shelf> shelf_;
  std::map<std::string, Search> searches_;   // by what is asked
  std::map<std::string, Arrival> arrivals_;  // by offer
  std::uint64_t opened_ = 0;
  std::uint64_t last_rate_ = 0;
};

}  // namespace obelisk::market_app
