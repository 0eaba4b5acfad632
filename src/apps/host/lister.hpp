// What the market is told of this host's cards: all of them, at the price and for the time that the
// owner set last, until a drain comes; then leases that end before it, and nothing from then on.
// Said again whenever it changes, or the market wanted to be left alone. It must never touch a
// lease.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "api/types.hpp"
#include "apps/host/offer/offer_file.hpp"
#include "base/time.hpp"
#include "ports/clock.hpp"
#include "ports/signer.hpp"

namespace obelisk::host {

// After the market took no listing because there were too many.
inline constexpr std::int64_t kListAgainMs = 30'000;

// What was offered a moment ago is quoted, paid and confirmed by now: such a lease is served.
inline constexpr std::int64_t kPromisedMs = 300'000;

// What the owner said beside the settings, as the files of the state folder have it.
struct OwnerWords {
  OfferWords offer = {};
  std::optional<base::UnixSeconds> drain_from_s = {};
};

// `whole` as it is with these.
api::Listing listing_at(const api::Listing& whole, const OwnerWords& words,
                        base::UnixSeconds now_s);

class Lister {
 public:
  // Everything must outlive it.
  struct Parts {
    const api::Listing& whole;
    ports::Signer& signer;
    ports::Clock& clock;
    std::filesystem::path state_dir;
    std::function<void(const std::string& message)> say;
    std::function<void(const std::string& words)> log;
    // What is said beside the listing; may be empty.
    std::function<std::vector<api::ProvenCard>()> proven = {};
    // The images that lie here now: they come and go while the host runs. Empty: those of `whole`.
    std::function<base::Result<std::vector<api::ListedImage>>()> images = {};
  };
  explicit Lister(Parts parts);
  ~Lister() = default;
  Lister(const Lister&) = delete;
  Lister& operator=(const Lister&) = delete;

  // Looks every half second, until it is destroyed.
  void start();
  // The listing as the market should have it now: what a new connection says first.
  std::string current();
  // What a lease may be held to that is paid for now: every card, at the least price and the
  // shortest time, and from any image, that were said within kPromisedMs.
  api::Listing promised();
  // Says it if it is another one now, or has to be said again.
  void look();
  // The market answered that it changes too often.
  void put_off();
  // Takes every card back: the host stops.
  void withdraw();

 private:
  struct Before {
    std::int64_t until_ms = 0;  // steady
    std::uint64_t micro_usd_per_hour = 0;
    std::uint32_t min_seconds = 0;
    std::vector<api::ListedImage> images = {};
  };

  std::string message();  // mutex_ is held
  base::Result<OwnerWords> read_words() const;
  void remember(const api::Listing& before);  // mutex_ is held
  void look_at_images(api::Listing& now) const;
  bool refresh();  // mutex_ is held; true: it is another one now

  Parts parts_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  api::Listing said_;                        // guarded by mutex_
  std::vector<Before> before_;               // guarded by mutex_; what was said before `said_`
  bool withdrawn_ = false;                   // guarded by mutex_
  std::optional<std::int64_t> again_at_ms_;  // guarded by mutex_; steady
  std::string trouble_;                      // guarded by mutex_; said once
  std::jthread thread_;
};

}  // namespace obelisk::host
