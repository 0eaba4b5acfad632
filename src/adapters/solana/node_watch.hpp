// NodeWatch: one program's changes from several nodes as one stream. Each change is told once,
// whichever node is first; a node's (re)connect is passed on as it is. Internal to this folder. It
// must never tell of an account as it was in an older slot than it has told of already.
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
  struct Shared {
    bool is_news(const ports::ProgramAccount& change, std::uint64_t slot);

    std::mutex mutex;  // held while calling back: callers are used to one call at a time
    ports::Chain::ProgramCallback callback;
    std::map<base::PublicKey, Told> told;
  };

  Shared shared_;
  std::vector<std::unique_ptr<ports::Subscription>> watches_;  // last: they end before the rest
};

}  // namespace obelisk::solana_rpc
