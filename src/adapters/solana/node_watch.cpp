#include "adapters/solana/node_watch.hpp"

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

bool NodeWatch::Shared::is_news(const ports::ProgramAccount& change, std::uint64_t slot) {
  if (told.size() >= kMostRemembered && !told.contains(change.address)) told.clear();
  Told& last = told[change.address];
  if (slot < last.slot) return false;
  if (slot > last.slot || last.states.size() >= kMostInOneSlot) last = {slot, {}};
  return last.states.insert(fingerprint(change.account)).second;
}

NodeWatch::NodeWatch(const std::vector<std::unique_ptr<ports::Chain>>& nodes,
                     const base::PublicKey& program, ports::Commitment commitment,
                     ports::Chain::ProgramCallback callback, const OnSlot& on_slot) {
  shared_.callback = std::move(callback);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    watches_.push_back(nodes[i]->watch_program(
        program, commitment,
        [this, i, on_slot](const std::optional<ports::ProgramAccount>& change, std::uint64_t slot) {
          if (change && !on_slot(i, slot)) return;
          const std::lock_guard lock(shared_.mutex);
          if (!change || shared_.is_news(*change, slot)) shared_.callback(change, slot);
        }));
  }
}

}  // namespace obelisk::solana_rpc
