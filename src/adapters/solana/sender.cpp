#include "adapters/solana/sender.hpp"

#include <thread>

#include "core/solana/send_state.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;
using ports::Commitment;

// What a failed first send says about the transaction itself, rather than about the way to a node.
bool is_verdict(const Error& error) {
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
    case Code::forbidden:
    case Code::refunded:
    case Code::refused:
    case Code::rejected_on_chain:
    case Code::missing_dependency: return true;
  }
  return true;
}

Error expired_error() {
  return {Code::expired, "The transaction did not get into a block in time. Nothing was charged.",
          "Ask for a new transaction and sign that."};
}

Error unknown_error(const base::Signature& signature) {
  return {Code::timeout,
          "It is not known yet whether transaction " + signature.to_string() + " landed.",
          "Look at that signature before you sign another: it may still land."};
}

class Sending {
 public:
  Sending(ports::Chain& chain, const solana::Transaction& transaction, const SendHooks& hooks)
      : chain_(chain), wire_(transaction.wire()), id_(transaction.id()), hooks_(hooks) {}

  // The first send. An error here is final.
  base::Result<void> begin(std::uint64_t last_valid_block_height) {
    auto sent = chain_.send(wire_, hooks_.preflight);
    if (sent) {
      forwarded();
      return {};
    }
    if (!is_verdict(sent.error())) return {};
    if (sent.error().code != Code::expired) return std::move(sent).error();
    // A node that is behind does not know a young blockhash either. Only the height tells.
    const auto height = chain_.block_height(Commitment::confirmed);
    if (!height || *height > last_valid_block_height) return expired_error();
    broadcast();
    return {};
  }

  void broadcast() {
    if (chain_.send(wire_, false)) forwarded();
  }

  solana::Observation look(bool with_height, Commitment commitment) {
    solana::Observation seen;
    if (with_height) {
      if (const auto height = chain_.block_height(Commitment::confirmed)) {
        seen.block_height = *height;
      }
    }
    const auto answer = chain_.statuses({id_});
    if (!answer || answer->size() != 1) return seen;
    status_ = answer->front();
    seen.sighting = !status_                            ? solana::Sighting::unknown
                    : status_->commitment >= commitment ? solana::Sighting::at_commitment
                                                        : solana::Sighting::below_commitment;
    return seen;
  }

  void pause() const {
    if (hooks_.pause) return hooks_.pause(hooks_.poll_ms);
    std::this_thread::sleep_for(std::chrono::milliseconds(hooks_.poll_ms));
  }
  const std::optional<ports::SignatureStatus>& status() const { return status_; }
  const base::Signature& id() const { return id_; }

 private:
  void forwarded() {
    if (!forwarded_ && hooks_.on_forwarded) hooks_.on_forwarded();
    forwarded_ = true;
  }

  ports::Chain& chain_;
  const base::Bytes wire_;
  const base::Signature id_;
  const SendHooks& hooks_;
  std::optional<ports::SignatureStatus> status_;
  bool forwarded_ = false;
};

}  // namespace

base::Result<ports::SignatureStatus> send_and_confirm(ports::Chain& chain, ports::Clock& clock,
                                                      const solana::Transaction& transaction,
                                                      std::uint64_t last_valid_block_height,
                                                      Commitment commitment,
                                                      std::chrono::milliseconds timeout,
                                                      const SendHooks& hooks) {
  Sending sending(chain, transaction, hooks);
  solana::SendState state(
      {.last_valid_block_height = last_valid_block_height, .timeout_ms = timeout.count()},
      clock.steady_ms());
  TRY_VOID(sending.begin(last_valid_block_height));
  while (true) {
    const auto seen = sending.look(state.wants_height(clock.steady_ms()), commitment);
    switch (state.observe(seen, clock.steady_ms())) {
      case solana::SendAction::done: return *sending.status();
      case solana::SendAction::expired: return expired_error();
      case solana::SendAction::timed_out: return unknown_error(sending.id());
      case solana::SendAction::broadcast: sending.broadcast(); break;
      case solana::SendAction::wait: break;
    }
    if (hooks.stop.stop_requested()) return unknown_error(sending.id());
    sending.pause();
  }
}

}  // namespace obelisk::solana_rpc
