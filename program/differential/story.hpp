// One sequence of transactions, good ones and bad ones, chosen by what is there: so that leases
// live, are paid for and end, again and again, and that the edges in time are met to the second.
#pragma once

#include <optional>
#include <string>

#include "core/escrow/layout.hpp"
#include "program/differential/acts.hpp"

namespace obelisk::differential {

struct Step {
  Transaction transaction;
  Verdict verdict;
  std::string text;
};

class Story {
 public:
  Story(const base::PublicKey& program, std::uint64_t seed);

  const Ledger& ledger() const { return ledger_; }
  // How many steps this seed has.
  std::uint64_t length() const { return length_; }
  // Makes and runs one. The dice of each step are its own: others may be left out.
  Step run(std::uint64_t index);

 private:
  Transaction mend(const Stage& stage, const LeaseSeat& seat, const MarketSeat& market,
                   std::string& text) const;
  Transaction choose(Random& random, std::string& text);
  void pass_time(Random& random, const std::optional<escrow::Lease>& lease, std::string& text);

  std::uint64_t seed_;
  Cast cast_;
  Ledger ledger_;
  std::uint64_t length_ = 0;
};

}  // namespace obelisk::differential
