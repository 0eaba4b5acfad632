// Trouble: what of a lease's cards, disk and memory its renter should know, in plain words and not
// too often. Pure: who looks gives what was seen and the time. One TroubleWatch is one lease; it
// must never speak of a card that is not the lease's, and never guess from a figure that is
// missing.
//
//   once          TroubleWatch watch(the lease's card UUIDs);
//   every 5 to 30 s  for (Trouble& t : watch.look(seen, now_ms)) tell the renter
//
// Of one kind and card something begins at most once in ten minutes, and its end (`is_over`) is
// told at once; what is held back is told when they are over, the gravest of it. Of one lease there
// are at most kMostTroubles.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace obelisk::host {

inline constexpr base::UnixMillis kTroubleQuietMs = 600'000;
inline constexpr std::size_t kMostTroubles = 100;
// The longest that text and action are together, with a space between.
inline constexpr std::size_t kMostTroubleText = 300;

enum class TroubleKind : std::uint8_t { xid, hot, ecc, card_lost, disk_full, out_of_memory };
std::string_view to_string(TroubleKind kind);

struct Trouble {
  TroubleKind kind = TroubleKind::xid;
  std::string card;      // its UUID; empty where it is about no card
  std::string text;      // what happened
  std::string action;    // what the renter can do; empty where nothing is to be done
  bool is_over = false;  // of hot, card_lost and disk_full: it has passed
};

// Of a card's reading, what may be trouble. What was not read stays out; where no card was read at
// all, it is not listed.
struct SeenCard {
  std::string card;
  bool is_lost = false;
  std::optional<bool> is_slowed_by_heat = {};
  std::optional<std::uint32_t> temperature_c = {};
  std::optional<std::uint32_t> slowdown_c = {};
  std::optional<std::uint64_t> ecc_uncorrected = {};  // a counter that may begin anew
};

struct SeenXid {
  std::string card;
  std::uint32_t xid = 0;
};

struct Seen {
  std::vector<SeenCard> cards;
  std::vector<SeenXid> xids;  // since the last look
  std::optional<std::uint64_t> disk_used_bytes;
  std::optional<std::uint64_t> disk_bytes;
  std::optional<std::uint64_t> oom_kills;  // a counter that may begin anew
};

class TroubleWatch {
 public:
  explicit TroubleWatch(std::vector<std::string> cards) : cards_(std::move(cards)) {}

  // What is to be told now, by kind and card: usually nothing. A counter's first value is where it
  // begins, and no trouble.
  std::vector<Trouble> look(const Seen& seen, base::UnixMillis now_ms);

 private:
  // Of one kind and card.
  struct Standing {
    bool is_now = false;   // by the last look
    bool is_told = false;  // by the last event
    std::optional<base::UnixMillis> told_at_ms;
    std::string text;  // of what was not told yet
    std::string action;
    std::uint64_t count = 0;   // errors or kills since the last event
    std::uint32_t weight = 0;  // of the gravest Xid since
    std::optional<std::uint64_t> last_counter;
  };
  using Key = std::pair<TroubleKind, std::string>;

  void see_card(const SeenCard& seen);
  void see_heat(const SeenCard& seen);
  void see_ecc(const std::string& card, std::uint64_t errors);
  void see_xid(const SeenXid& seen);
  void see_disk(std::uint64_t used, std::uint64_t size);
  void see_oom(std::uint64_t kills);
  std::vector<Trouble> due(base::UnixMillis now_ms);
  bool is_ours(const std::string& card) const;

  std::vector<std::string> cards_;
  std::map<Key, Standing> standings_;
  std::size_t told_ = 0;
};

}  // namespace obelisk::host
