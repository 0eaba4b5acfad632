// What a host's owner may want to know before naming a price: what others ask for such a card now,
// what was paid for it of late, how many are taken. Pure, and of rows that a market showed. It must
// never make up a figure: what there are no rows of is said as that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace obelisk::host {

inline constexpr std::uint32_t kAdviceDays = 7;

struct MarketPrices {
  std::string card_name;  // as people say it
  // Of each free offer of another host: micro-USD for one card and hour.
  std::vector<std::uint64_t> others;
  // Of each lease that was served and ended in the last kAdviceDays: lamports for one card and
  // hour.
  std::vector<std::uint64_t> rented;
  bool is_rented_whole = true;                     // false: there were more than were read
  std::optional<std::uint64_t> micro_usd_per_sol;  // of now; nothing: nobody says
  // Of such cards that hosts list now, this one's too, those that a lease or a quote holds.
  std::optional<std::uint64_t> listed;
  std::optional<std::uint64_t> taken;
};

struct Advice {
  std::string card_name;
  std::size_t others = 0;              // offers
  std::optional<std::uint64_t> least;  // of them, micro-USD
  std::optional<std::uint64_t> most;
  std::size_t rented = 0;
  bool is_rented_whole = true;
  std::optional<std::uint64_t> median_lamports;   // of these
  std::optional<std::uint64_t> median_micro_usd;  // the same at the rate of now
  std::optional<std::uint64_t> listed;
  std::optional<std::uint64_t> taken;

  bool operator==(const Advice&) const = default;
};

Advice advise(MarketPrices prices);
// "Others ask $0.90 to $1.40/h for one A40; ..."
std::string to_text(const Advice& advice);

}  // namespace obelisk::host
