#include "adapters/solana/flight.hpp"

#include <algorithm>

namespace obelisk::solana_rpc {

using base::Code;
using solana::Sighting;

bool is_verdict(const base::Error& error) {
  switch (error.code) {
    case Code::unreachable:
    case Code::timeout:
    case Code::rate_limited:
    case Code::unsupported:
    case Code::internal: return false;
    case Code::usage:
    case Code::invalid_input:
    case Code::declined:
    case Code::insufficient_funds:
    case Code::not_found:
    case Code::expired:
    case Code::conflict:
    case Code::unauthorized:
    case Code::forbidden:
    case Code::refunded:
    case Code::refused:
    case Code::rejected_on_chain:
    case Code::missing_dependency: return true;
  }
  return true;
}

Flight::Flight(ports::Chain& chain, ports::Clock& clock, const solana::Transaction& transaction,
               ports::Commitment commitment, const SendHooks& hooks)
    : chain_(chain),
      clock_(clock),
      wire_(transaction.wire()),
      id_(transaction.id()),
      commitment_(commitment),
      hooks_(hooks) {
  watch_ = chain_.watch_signature(id_, commitment_, [this] {
    const std::lock_guard lock(mutex_);
    is_told_ = true;
    told_.notify_all();
  });
}

base::Result<void> Flight::broadcast(bool preflight) {
  TRY_VOID(chain_.send(wire_, preflight));
  if (!forwarded_ && hooks_.on_forwarded) hooks_.on_forwarded();
  forwarded_ = true;
  return {};
}

void Flight::look(solana::Sending& sending) {
  const solana::Look how = sending.look(clock_.steady_ms());
  solana::Seen seen;
  if (how.height) {
    const auto height = chain_.block_height(ports::Commitment::finalized);
    if (height) {
      seen.finalized_height = height->height;
      seen.finalized_slot = height->slot;
    }
  }
  const auto answer =
      chain_.statuses({id_}, how.whole_history ? ports::Search::whole : ports::Search::recent);
  if (answer && answer->found.size() == 1) {
    seen.sighting_slot = answer->slot;
    status_ = answer->found.front();
    seen.sighting = !status_                             ? Sighting::unknown
                    : status_->commitment >= commitment_ ? Sighting::deep_enough
                                                         : Sighting::too_shallow;
  }
  sending.saw(how, seen, clock_.steady_ms());
}

void Flight::wait(solana::Sending& sending) {
  const auto ms =
      static_cast<int>(std::min<std::int64_t>(sending.wait_ms(clock_.steady_ms()), 1'000));
  if (hooks_.pause) return hooks_.pause(ms);
  std::unique_lock lock(mutex_);
  told_.wait_for(lock, hooks_.stop, std::chrono::milliseconds(ms), [this] { return is_told_; });
  // A second word never comes; what it said may not be seen yet by the node that is asked.
  if (std::exchange(is_told_, false)) sending.hint(clock_.steady_ms());
}

}  // namespace obelisk::solana_rpc
