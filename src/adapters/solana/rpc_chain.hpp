// RpcChain: the Chain port over a node's JSON-RPC and WebSocket. Any thread may call. A node is
// believed about the chain's state, but its answers are bounded and checked for shape, and what can
// be checked against the question is. It must never sign, and never retry what could happen twice.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ports/chain.hpp"
#include "ports/clock.hpp"

namespace obelisk::solana_rpc {

struct RpcOptions {
  std::string rpc_url;           // http, https, or a word of the Solana CLI ("devnet", "localhost")
  std::string websocket_url;     // empty: by the Solana CLI's rule from rpc_url
  int call_timeout_ms = 10'000;  // of one call, waiting out a 429 included
  // How to wait; a test gives its own. Empty: by sleeping.
  std::function<void(int ms)> pause;
  // Told how long a node that is asked too often wants to be left alone; the call fails at once
  // then, so that another node can be asked. Empty: it is waited out.
  std::function<void(int ms)> on_limited = {};
  // So much may the chain's clock be ahead of ours; more is cut off. Nothing: as it says.
  std::optional<base::UnixSeconds> most_ahead_s = {};
};

class RpcChain : public ports::Chain {
 public:
  // Checks the URLs; connects to nothing yet. `clock` must outlive it.
  static base::Result<std::unique_ptr<RpcChain>> create(RpcOptions options, ports::Clock& clock);
  ~RpcChain() override;

  base::Result<ports::LatestBlockhash> latest_blockhash(ports::Commitment commitment) override;
  base::Result<ports::BlockHeight> block_height(ports::Commitment commitment) override;
  base::Result<ports::ChainTime> now(ports::Commitment commitment) override;
  base::Result<ports::AccountAt> account(const base::PublicKey& address,
                                         ports::Commitment commitment) override;
  base::Result<std::vector<ports::AccountAt>> accounts(
      const std::vector<base::PublicKey>& addresses, ports::Commitment commitment) override;
  base::Result<std::vector<ports::ProgramAccount>> program_accounts(
      const base::PublicKey& program, std::optional<std::size_t> data_size,
      const std::vector<ports::DataFilter>& filters, ports::Commitment commitment) override;
  base::Result<base::Lamports> minimum_balance(std::size_t data_size) override;

  // What preflight found is in the error: insufficient_funds, expired (the blockhash is not known
  // to the node), or rejected_on_chain, where program_error_in() finds a program's own number.
  // A transaction that has landed already is sent successfully.
  base::Result<base::Signature> send(base::ByteView transaction, bool preflight) override;
  base::Result<ports::SignatureStatuses> statuses(const std::vector<base::Signature>& signatures,
                                                  ports::Search search) override;
  base::Result<ports::Simulation> simulate(base::ByteView transaction) override;
  base::Result<std::vector<std::uint64_t>> recent_fees(
      const std::vector<base::PublicKey>& writable) override;
  base::Result<std::vector<ports::HistoryEntry>> history(const base::PublicKey& address,
                                                         const ports::HistoryPage& page) override;
  base::Result<std::vector<base::Signature>> block_signatures(std::uint64_t slot) override;
  base::Result<std::optional<ports::TransactionRecord>> transaction(
      const base::Signature& signature) override;
  base::Result<base::Signature> airdrop(const base::PublicKey& to, base::Lamports amount) override;

  // The subscription must not be destroyed inside its own callback.
  std::unique_ptr<ports::Subscription> watch_program(const base::PublicKey& program,
                                                     ports::Commitment commitment,
                                                     ProgramCallback callback) override;
  std::unique_ptr<ports::Subscription> watch_signature(const base::Signature& signature,
                                                       ports::Commitment commitment,
                                                       std::function<void()> callback) override;

 private:
  class Impl;
  explicit RpcChain(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace obelisk::solana_rpc
