// Faults that are planted on purpose, to see that the simulation notices: as if the product had
// them, most in what stands around a port. They exist in the simulator alone. None may use up a
// chance of the world: up to the fault it is the world that it is without it.
#pragma once

#include <algorithm>
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
  mints_lamport,       // a lamport out of nowhere: no fault of a market, but of who counts them
  keeps_cards,         // the cards of an ended lease stay held
  drops_gone_wish,     // hosts are not told that a lease is over
  settles_unproven,    // a dark host is stopped without its last proof
  never_finishes,      // a contested lease is neither claimed nor finished
  ends_unproven,       // a lease that ran to its end is finished without its last proof
  frees_cards_early,   // the cards of a lease are let go while it runs
  calls_paid_unpaid,   // of a payment that was closed again nothing is found
};
inline constexpr int kPlants = 18;

struct Planted {
  std::string_view name;
  // The promises by which it is found: one of them has to break before any other does.
  std::array<std::string_view, 2> found_by;

  bool is_found_by(std::string_view promise) const {
    return std::find(found_by.begin(), found_by.end(), promise) != found_by.end();
  }
};

inline constexpr std::array<Planted, kPlants> kPlanted{{
    {"none", {}},
    {"forgets_outbox_row", {"nothing_paid_is_forgotten", "every_record_ends"}},
    {"attests_too_far", {"what_is_attested_was_seen"}},
    {"bills_before_ready", {"nothing_is_billed_before_ready"}},
    {"double_holds_card", {"no_card_is_in_two_leases"}},
    {"loses_stray", {"nothing_paid_is_forgotten"}},
    {"forgets_payment", {"only_what_was_quoted_is_served", "every_payment_has_its_record"}},
    {"wrong_amounts", {"records_say_what_the_chain_paid"}},
    {"opens_too_early", {"the_way_in_opens_after_ready"}},
    {"dark_too_soon", {"a_host_is_dark_only_if_it_was"}},
    {"mints_lamport", {"lamports_are_conserved"}},
    {"keeps_cards", {"cards_are_held_by_what_lives"}},
    {"drops_gone_wish", {"every_machine_goes"}},
    {"settles_unproven", {"hosts_are_paid_their_last_proof"}},
    {"never_finishes", {"nothing_paid_is_forgotten"}},
    {"ends_unproven", {"hosts_are_paid_their_last_proof"}},
    {"frees_cards_early", {"no_card_is_in_two_leases"}},
    {"calls_paid_unpaid", {"every_payment_has_its_record"}},
}};

inline const Planted& about(Plant plant) { return kPlanted[static_cast<std::size_t>(plant)]; }
inline std::optional<Plant> plant_from(std::string_view name) {
  for (std::size_t i = 0; i < kPlanted.size(); ++i) {
    if (kPlanted[i].name == name) return static_cast<Plant>(i);
  }
  return std::nullopt;
}

}  // namespace obelisk::sim
