// The renters of a simulated world: some rent and leave as they should, some are impatient, greedy,
// late, absent, or try what is not allowed. They pay by the chain and ask the market's desk, as
// people do.
#pragma once

#include <memory>
#include <vector>

#include "apps/market/quote_desk.hpp"
#include "sim/payments.hpp"
#include "sim/store.hpp"

namespace obelisk::sim {

enum class Habit : std::uint8_t {
  stops_served,    // after a while, as the protocol asks
  disputes,        // stops and disputes the last gap
  runs_to_end,     //
  extends,         // buys more before the end
  never_pays,      //
  pays_late,       // around the quote's last second
  cancels_soon,    // seconds after paying
  changes_terms,   // pays something that was not quoted
  opens_again,     // the same address, after it was closed
  talks_of_stops,  // hands stops to the market that it never sends
  is_generous,     // sends lamports to the lease besides
};
inline constexpr int kHabits = 11;

class Renters {
 public:
  Renters(Stage& stage, SimStore& store, Payments& payments, std::size_t count);

  void meet(engine::Leases* leases, market_app::QuoteDesk* desk) {
    leases_ = leases;
    desk_ = desk;
  }
  // `open_for_business`: whether anybody still asks for new quotes.
  void step(bool open_for_business);
  std::int64_t next_ms() const;

 private:
  struct Rental {
    lease::Quote quote;
    Habit habit{};
    std::int64_t pay_ms = 0;
    std::int64_t act_ms = 0;
    int acts = 0;
    bool paid = false;
    bool done = false;
  };
  struct Renter {
    std::unique_ptr<KeySigner> key;
    std::int64_t ask_ms = 0;
    std::int64_t pause_ms = 0;  // between two quotes, about
    bool is_greedy = false;     // as many quotes as the desk gives
    std::vector<Rental> rentals;
  };

  void ask(Renter& renter);
  void pay(Renter& renter, Rental& rental);
  void act(Renter& renter, Rental& rental);
  void stop(Renter& renter, Rental& rental, const escrow::Lease& account);
  std::optional<escrow::Lease> account_of(const base::PublicKey& lease) const;
  std::uint32_t some_seconds();

  Stage& stage_;
  SimStore& store_;
  Payments& payments_;
  Random random_;
  engine::Leases* leases_ = nullptr;
  market_app::QuoteDesk* desk_ = nullptr;
  std::vector<Renter> renters_;
};

}  // namespace obelisk::sim
