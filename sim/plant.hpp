// Faults that are planted on purpose, to see that the simulation notices: each stands in a
// decorator around a port, as if the product had it. They exist in the simulator alone.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace obelisk::sim {

enum class Plant : unsigned char {
  none,
  forgets_outbox_row,  // what was decided does not survive a crash
  attests_too_far,     // the chain's clock is read ahead of what any login proved
  bills_before_ready,  // the first login is believed without a machine
  double_holds_card,   // two quotes hold one card
  loses_stray,         // a lease that is no quote of ours is not looked at
  forgets_payment,     // a paid record is thrown away as if nobody had paid
  wrong_amounts,       // what the chain paid is written down one lamport off
  opens_too_early,     // the renter's way in opens before `ready`
  dark_too_soon,       // a host that answers is called dark
  mints_lamport,       // a close pays one lamport that nobody had
  keeps_cards,         // the cards of an ended lease stay held
  drops_gone_wish,     // hosts are not told that a lease is over
  settles_unproven,    // a dark host is stopped without its last proof
};
inline constexpr int kPlants = 14;

inline constexpr std::array<std::string_view, kPlants> kPlantNames{"none",
                                                                   "forgets_outbox_row",
                                                                   "attests_too_far",
                                                                   "bills_before_ready",
                                                                   "double_holds_card",
                                                                   "loses_stray",
                                                                   "forgets_payment",
                                                                   "wrong_amounts",
                                                                   "opens_too_early",
                                                                   "dark_too_soon",
                                                                   "mints_lamport",
                                                                   "keeps_cards",
                                                                   "drops_gone_wish",
                                                                   "settles_unproven"};

inline std::string_view to_string(Plant plant) {
  return kPlantNames[static_cast<std::size_t>(plant)];
}
inline std::optional<Plant> plant_from(std::string_view name) {
  for (std::size_t i = 0; i < kPlantNames.size(); ++i) {
    if (kPlantNames[i] == name) return static_cast<Plant>(i);
  }
  return std::nullopt;
}

}  // namespace obelisk::sim
