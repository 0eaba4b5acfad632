// The promises that every simulated world is held to, after every step. Each looks at the chain,
// the market's store and what really happened, and says what is broken; nothing: all is well. They
// must never ask the market what it thinks.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/hosts.hpp"
#include "sim/ledger_book.hpp"
#include "sim/store.hpp"

namespace obelisk::sim {

struct Look {
  const Stage& stage;
  const SimStore& store;
  const Hosts& hosts;
  const LedgerBook& ledger;
  base::PublicKey market;
  // Since when nothing goes wrong any more; nothing: it still may.
  std::optional<base::UnixSeconds> calm_since_s;
  base::UnixSeconds now_s = 0;
  // Everything came to its end: nothing may be left to be done.
  bool is_over = false;
};

struct Promise {
  std::string_view name;
  std::string_view sentence;
  std::optional<std::string> (*broken)(const Look& look);
};

std::span<const Promise> promises();

// All money is where it belongs and nobody waits for anything: the world may end.
bool is_settled(const Look& look);

// How long after the moment from which it can be settled anything may take, once it is calm.
inline constexpr base::UnixSeconds kSettleBoundS = 1'800;

}  // namespace obelisk::sim
