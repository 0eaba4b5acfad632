// Flight: one signed transaction on its way: sends its bytes, looks at its status, and waits for
// whichever comes first, the next look or a node's word that it landed. Internal to this folder. It
// must never change a byte of what it sends.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "adapters/solana/sender.hpp"

namespace obelisk::solana_rpc {

// What a failed send says about the transaction itself, rather than about the way to a node.
bool is_verdict(const base::Error& error);

class Flight {
 public:
  // All but the transaction must outlive it.
  Flight(ports::Chain& chain, ports::Clock& clock, const solana::Transaction& transaction,
         ports::Commitment commitment, const SendHooks& hooks);

  base::Result<void> broadcast(bool preflight);
  void look(solana::Sending& sending);
  void wait(solana::Sending& sending);

  const base::Signature& id() const { return id_; }
  // As the last look that had an answer saw it.
  const std::optional<ports::SignatureStatus>& status() const { return status_; }
  bool is_forwarded() const { return forwarded_; }

 private:
  ports::Chain& chain_;
  ports::Clock& clock_;
  const base::Bytes wire_;
  const base::Signature id_;
  const ports::Commitment commitment_;
  const SendHooks& hooks_;
  std::optional<ports::SignatureStatus> status_;
  bool forwarded_ = false;

  std::mutex mutex_;
  std::condition_variable_any told_;
  bool is_told_ = false;
  std::unique_ptr<ports::Subscription> watch_;  // last: its callback uses what is above
};

}  // namespace obelisk::solana_rpc
