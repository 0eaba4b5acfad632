// NodeWatch: one program's changes from several nodes as one stream. Each change is told once: one
// that is processed as soon as a node tells it, a deeper one when a second node tells the same;
// where none does, it is found by reading. A node's (re)connect is passed on as it is. Internal to
// this folder. It must never tell of an account as it was in an older slot than it has told of
// already.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "ports/chain.hpp"

namespace obelisk::solana_rpc {

class NodeWatch : public ports::Subscription {
 public:
  // `on_slot` hears every slot that a node names, before the change itself is weighed; what it
  // refuses is not told.
  using OnSlot = std::function<bool(std::size_t node, std::uint64_t slot)>;
  NodeWatch(const std::vector<std::unique_ptr<ports::Chain>>& nodes, const base::PublicKey& program,
            ports::Commitment commitment, ports::Chain::ProgramCallback callback,
            const OnSlot& on_slot);

 private:
  struct Told {
    std::uint64_t slot = 0;
    std::set<base::Hash> states;  // all that were told of in `slot`
  };
  // Who told of a state first, and nobody else has yet.
  struct Heard {
    std::size_t node = 0;
    std::uint64_t slot = 0;
  };
  struct Shared {
    // Notes it as told where it is.
    bool is_news(const base::PublicKey& address, const base::Hash& state, std::uint64_t slot);
    // Whether another node than this told the same; `slot` becomes the older of both.
    bool is_borne_out(std::size_t node, const base::PublicKey& address, const base::Hash& state,
                      std::uint64_t& slot);

    std::mutex mutex;  // held while calling back: callers are used to one call at a time
    ports::Chain::ProgramCallback callback;
    std::map<base::PublicKey, Told> told;
    std::map<base::PublicKey, std::map<base::Hash, Heard>> heard;
  };

  Shared shared_;
  std::vector<std::unique_ptr<ports::Subscription>> watches_;  // last: they end before the rest
};

}  // namespace obelisk::solana_rpc
