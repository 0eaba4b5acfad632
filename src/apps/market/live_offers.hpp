// The offers as a search sees them: which cards are held, how long first logins took, and the shelf
// that follows from these, the listings and who is reachable. Each change marks its host; the next
// look renews just those. Any thread may call. It must never ask the store while somebody searches.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/lease/record.hpp"
#include "core/market/search/shelf.hpp"

namespace obelisk::market_app {

// So many first logins and so many ended leases of an offer count, the newest.
inline constexpr std::size_t kLoginsCounted = 100;
inline constexpr std::size_t kEndingsCounted = 100;

// With fewer changed entries a shelf is renewed in a moment, and settling it gains nothing.
inline constexpr std::size_t kFreshEnough = 200;

class LiveOffers {
 public:
  // The offers of a host that can be told about a lease, without those that have nothing free; none
  // where it cannot. Called with this object's lock held, so it must not come back here.
  using Look =
      std::function<std::vector<market::Offer>(const base::PublicKey&, const market::BusyCards&)>;

  // A record that is there: what it holds, and how long its login took.
  void remember(const lease::Record& record);
  void quoted(const lease::Quote& quote);
  void stepped(const base::PublicKey& lease, const lease::Life& life);
  // Its listing or its connection changed.
  void changed(const base::PublicKey& host);

  // Every card that is held.
  market::BusyCards busy() const;
  // Where a card of that offer is held; nothing where none is.
  std::optional<base::PublicKey> host_of(const std::string& offer) const;
  // In how many seconds the first lease or quote on cards that are asked for ends; 0: unknown.
  std::int64_t free_again_in_s(const market::Search& search, base::UnixSeconds chain_now_s) const;

  // The cards of one host that are held, by what holds them.
  struct Held {
    bool is_paid = false;           // false: by a quote
    base::UnixSeconds until_s = 0;  // chain seconds; 0: nobody knows yet
  };
  std::map<std::string, Held> held_at(const base::PublicKey& host) const;

  // Cards of a host that the store says are held, by whomever: another process may have done it.
  void held_there(const base::PublicKey& host, std::set<std::string> cards);
  // Hosts of which that was said, and is to be asked again.
  std::vector<base::PublicKey> held_elsewhere() const;

  std::shared_ptr<const market::search::Shelf> shelf(const Look& look);
  // Grows with every change that a search could show.
  std::uint64_t version() const { return version_; }
  // Puts everything into one index where enough has changed; searches go on meanwhile. One thread
  // at a time, now and then: never on behalf of somebody who waits.
  void settle(const Look& look);

 private:
  struct Holding {
    base::PublicKey host;
    std::string offer;
    std::string card;
    std::vector<std::string> cards;
    base::UnixSeconds ends_s = 0;  // 0: nobody knows yet
    bool login_counted = false;
    bool is_paid = false;
  };
  void mark(const base::PublicKey& host) {
    changed_.insert(host);
    ++version_;
  }
  void hold(const lease::Quote& quote);
  static void follow(Holding& holding, const lease::Life& life);
  void count_login(Holding& holding, const lease::Life& life);
  void count_end(const Holding& holding, const lease::Life& life);
  void renew(const market::search::Shelf& from, const Look& look);
  std::vector<market::search::EntryPointer> entries_of(const base::PublicKey& host,
                                                       const Look& look) const;

  mutable std::mutex mutex_;
  std::map<base::PublicKey, Holding> holdings_;                         // by lease
  std::map<base::PublicKey, std::map<std::string, std::size_t>> held_;  // host: card: how often
  std::map<base::PublicKey, std::set<std::string>> there_;              // as the store said
  std::map<std::string, std::deque<std::uint32_t>> waits_ms_;           // by offer
  std::map<std::string, std::deque<bool>> kept_;                        // by offer
  std::set<base::PublicKey> changed_;
  std::atomic<std::uint64_t> version_ = 0;
  std::set<base::PublicKey> renewed_;  // on the shelf since settle() looked at it
  std::shared_ptr<const market::search::Shelf> shelf_ =
      std::make_shared<const market::search::Shelf>();
};

}  // namespace obelisk::market_app
