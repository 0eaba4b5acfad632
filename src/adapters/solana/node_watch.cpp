#include "adapters/solana/node_watch.hpp"

#include <algorithm>

#include "base/crypto.hpp"

namespace obelisk::solana_rpc {
namespace {

// More accounts than this are not remembered: a change may then be told twice, which is harmless.
constexpr std::size_t kMostRemembered = 16'384;
constexpr std::size_t kMostInOneSlot = 64;

base::Hash fingerprint(const ports::Account& account) {
  base::Writer out;
  out.u64(account.lamports.count);
  out.put(account.owner.view());
  out.put(account.data);
  return base::sha256(out.bytes());
}

}  // namespace

bool NodeWatch::Shared::is_news(const base::PublicKey& address, const base::Hash& state,
                                std::uint64_t slot) {
  if (told.size() >= kMostRemembered && !told.contains(address)) told.clear();
  Told& last = told[address];
  if (slot < last.slot) return false;
  if (slot > last.slot || last.states.size() >= kMostInOneSlot) last = {slot, {}};
  return last.states.insert(state).second;
}

bool NodeWatch::Shared::is_borne_out(std::size_t node, const base::PublicKey& address,
                                     const base::Hash& state, std::uint64_t& slot) {
  if (heard.size() >= kMostRemembered && !heard.contains(address)) heard.clear();
  auto& states = heard[address];
  if (states.size() >= kMostInOneSlot && !states.contains(state)) states.clear();
  const auto [at, is_first] = states.try_emplace(state, Heard{node, slot});
  if (is_first) return false;
  if (at->second.node == node) {
    at->second.slot = slot;
    return false;
  }
  slot = std::min(slot, at->second.slot);
  states.erase(at);
  return true;
}

NodeWatch::NodeWatch(const std::vector<std::unique_ptr<ports::Chain>>& nodes,
                     const base::PublicKey& program, ports::Commitment commitment,
                     ports::Chain::ProgramCallback callback, const OnSlot& on_slot) {
  shared_.callback = std::move(callback);
  const bool needs_two = commitment != ports::Commitment::processed;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    watches_.push_back(nodes[i]->watch_program(
        program, commitment,
        [this, i, on_slot, needs_two](const std::optional<ports::ProgramAccount>& change,
                                      std::uint64_t slot) {
          if (change && !on_slot(i, slot)) return;
          const std::lock_guard lock(shared_.mutex);
          if (!change) return shared_.callback(change, slot);
          const base::Hash state = fingerprint(change->account);
          if (needs_two && !shared_.is_borne_out(i, change->address, state, slot)) return;
          if (shared_.is_news(change->address, state, slot)) shared_.callback(change, slot);
        }));
  }
}

}  // namespace obelisk::solana_rpc
