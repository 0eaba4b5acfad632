// ProgramWatch: one programSubscribe that is kept alive, on a thread of its own. Internal to this
// folder. It must never invent a change: after each (re)connect it says "read anew" instead.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "adapters/http/url.hpp"
#include "adapters/http/websocket_client.hpp"
#include "ports/chain.hpp"

namespace obelisk::solana_rpc {

class ProgramWatch : public ports::Subscription {
 public:
  ProgramWatch(http::Url url, const base::PublicKey& program, ports::Commitment commitment,
               ports::Chain::ProgramCallback callback);
  ~ProgramWatch() override;

 private:
  void run(const std::stop_token& stop);
  // One connection from beginning to end; whether it ever was subscribed.
  bool live_once(const std::stop_token& stop);
  void on_message(std::string_view text);
  void end_connection();

  const http::Url url_;
  const base::PublicKey program_;
  const std::string subscribe_;
  const ports::Chain::ProgramCallback callback_;

  // Used by the socket's thread while a connection lives, by ours between two of them.
  std::optional<std::uint64_t> subscription_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool ended_ = false;
  bool subscribed_ = false;
  std::jthread thread_;  // last: everything above outlives it
};

}  // namespace obelisk::solana_rpc
