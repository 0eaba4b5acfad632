// The offers as they are this second: the listings that hosts signed, which hosts are connected,
// which cards are held. Any thread may call. It must never offer a card of a host that cannot be
// told about the lease, nor believe a listing that its host did not sign.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/types.hpp"
#include "apps/market/card_proofs.hpp"
#include "apps/market/listing_rate.hpp"
#include "apps/market/live_offers.hpp"
#include "apps/market/refusals.hpp"
#include "apps/market/watched_store.hpp"
#include "core/market/book.hpp"
#include "ports/clock.hpp"
#include "ports/store.hpp"

namespace obelisk::market_app {

// A host whose connection broke has so long to come back before its offers vanish.
inline constexpr std::int64_t kHostGraceMs = 15'000;

market::Listing from_api(const api::Listing& listing);

// A host as it is now: what it listed last, and each of its cards.
struct HostSeen {
  market::Listing listing;  // with what is proven of each card
  bool is_here = false;     // connected, or gone for so short that it may well come back
  bool is_kept = false;     // taken back, refused, being asked for a proof, or proven wrong
  std::map<std::string, LiveOffers::Held> held;  // by UUID
};

class OfferDesk {
 public:
  // Simulated cards are taken on a local network only. Everything must outlive it; without
  // `refusals` nobody is refused.
  OfferDesk(ports::Store& store, ports::Clock& clock, bool local, std::size_t max_hosts = 10'000,
            const Refusals* refusals = nullptr)
      : store_(store), clock_(clock), local_(local), max_hosts_(max_hosts), refusals_(refusals) {}

  // Who knows what was proven of cards; without, nothing is. Once, before the first listing.
  void prove_by(const CardProofs& proofs) { proofs_ = &proofs; }
  // What this host offers is another now: a refusal, a proof.
  void changed(const base::PublicKey& host) { live_.changed(host); }

  // What hosts listed before a restart; it counts once they connect again.
  base::Result<void> load();

  // A listing that the authenticated `host` sent: checked in every respect, remembered, offered.
  // False where a later one is there already. rate_limited where the host changes it too often: the
  // one before stands, and the host sends this one again later. One without cards is always taken.
  base::Result<bool> take_listing(const base::PublicKey& host, const api::HostListing& message);

  // Whether it listed anything here, connected or not.
  bool knows(const base::PublicKey& host) const;
  bool is_refused(const base::PublicKey& host) const;
  // Nothing: it never listed anything here.
  std::optional<HostSeen> see(const base::PublicKey& host) const;
  // Whether it says that an image lies there, its cards free or not.
  bool lists_image(const base::PublicKey& host, const std::string& digest) const;

  void host_connected(const base::PublicKey& host);
  void host_gone(const base::PublicKey& host);
  std::size_t hosts_connected() const;
  // Connected, or gone for so short that it may well come back.
  bool is_reachable(const base::PublicKey& host) const;

  // What is to be told of every write, so that the shelf knows which cards are held.
  StoreEvents store_events();
  // Every offer with a free card on a reachable host, to search through: a pointer, unless
  // something changed since the last call.
  std::shared_ptr<const market::search::Shelf> shelf();
  // Grows with every change of the shelf; those that only time brings come with the next look.
  std::uint64_t version() const { return live_.version(); }
  // What makes later changes cheap; from one thread, every second or so.
  void settle();

  // What fits, the cheapest card first, at most so many: from the shelf, which may be a moment
  // behind the store. Who then holds a card is the store's to say.
  std::vector<market::search::EntryPointer> fitting(const market::Search& search,
                                                    std::size_t limit);
  // Why that was nothing, and what else there is.
  base::Error why_none(const market::Search& search, base::UnixSeconds chain_now_s);
  // When the first of the cards of a kind that are taken is free, in chain seconds, where anybody
  // knows.
  std::optional<std::uint64_t> busy_until(std::string_view card,
                                          base::UnixSeconds chain_now_s) const;
  // How many cards of a kind are free.
  std::size_t free_of(std::string_view card);
  // The store said that a card of this host is held and we did not know: another process did it.
  base::Result<void> look_again(const base::PublicKey& host);
  // Of the cards that hosts in reach list, in figures.
  std::map<market::CardKind, market::Tally> tally();

 private:
  struct Presence {
    bool connected = false;
    std::int64_t gone_at_ms = 0;  // steady time; when `connected` became false
  };
  bool reachable(const base::PublicKey& host, std::int64_t now_ms) const;
  base::Result<void> load_leases();
  base::Result<void> ask_store(const std::vector<base::PublicKey>& hosts);
  std::vector<market::Offer> alike(const market::Search& search);
  base::Result<void> check_pace(const market::Listing& listing);
  // Its offers will be others in a while, without anybody saying so; mutex_ is held.
  void expect_shrinking(const market::Listing& listing);
  // Hosts whose offers are others by now: their time to come back is over, or their maintenance has
  // come nearer.
  std::vector<base::PublicKey> changed_by_time(std::int64_t now_ms);
  base::UnixSeconds now_s() const { return clock_.now_ms() / 1000; }
  // Takes it into the book; mutex_ is held.
  void put(const market::Listing& listing);
  LiveOffers::Look looking() const;
  std::vector<market::Offer> look(const base::PublicKey& host, const market::BusyCards& busy) const;

  ports::Store& store_;
  ports::Clock& clock_;
  const bool local_;
  const std::size_t max_hosts_;
  const Refusals* const refusals_;
  const CardProofs* proofs_ = nullptr;
  mutable std::mutex mutex_;
  market::ListingBook book_;                              // guarded by mutex_
  std::map<base::PublicKey, Presence> presence_;          // guarded by mutex_
  std::multimap<std::int64_t, base::PublicKey> leaving_;  // guarded by mutex_; by when they vanish
  std::set<std::pair<std::int64_t, base::PublicKey>> shrinking_;  // guarded by mutex_; by when
  std::map<base::PublicKey, std::int64_t> shrinks_at_ms_;         // guarded by mutex_; the same
  // What hosts listed before they took it back, for maintenance or because they stop: it is theirs
  // all the same.
  std::map<base::PublicKey, std::vector<market::ListedCard>> taken_back_;  // guarded by mutex_
  ListingRate rate_;                                                       // guarded by mutex_
  LiveOffers live_;                                                        // has a lock of its own
};

}  // namespace obelisk::market_app
