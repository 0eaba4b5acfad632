// What the chain itself says happened to each lease, read from what is final: every opening with
// what went in and what came out, whoever was paid. The market's own records are held against it.
#pragma once

#include <map>
#include <set>
#include <utility>

#include "core/escrow/event.hpp"
#include "sim/stage.hpp"

namespace obelisk::sim {

// One opening of a lease address.
struct Opening {
  escrow::Lease account{};    // as it was last
  std::uint64_t paid_in = 0;  // into the account, by whomever
  std::uint64_t to_host = 0;
  std::uint64_t to_treasury = 0;
  std::uint64_t to_renter = 0;
  bool closed = false;
  bool conceded = false;  // the renter said: served till now
  bool stopped_dark = false;
  base::UnixSeconds proven_until_s = 0;
  base::UnixSeconds closed_s = 0;
};

class LedgerBook {
 public:
  LedgerBook(const fake::Cluster& chain, base::PublicKey program)
      : chain_(chain), program_(program) {}

  using Which = std::pair<base::PublicKey, std::uint64_t>;  // an address and its opened_slot

  // Takes in what became final since. What it sees wrong at once goes to `wrong`.
  void read_on(std::vector<Wrong>& wrong);
  const std::map<Which, Opening>& openings() const { return openings_; }
  // Those of which the last reading took something in.
  const std::set<Which>& fresh() const { return fresh_; }
  const Opening* find(const base::PublicKey& lease, std::uint64_t opened_slot) const;

 private:
  void take(const fake::Cluster::Landed& landed, std::vector<Wrong>& wrong);

  const fake::Cluster& chain_;
  const base::PublicKey program_;
  std::size_t read_ = 0;
  std::map<Which, Opening> openings_;
  std::set<Which> fresh_;
  std::map<base::PublicKey, std::uint64_t> open_now_;     // address: opened_slot
  std::map<base::PublicKey, std::uint64_t> held_before_;  // lamports at an address
};

}  // namespace obelisk::sim
