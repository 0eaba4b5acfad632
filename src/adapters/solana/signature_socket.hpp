// SignatureSocket: one WebSocket for all signatures that somebody waits for, opened when the first
// one is, and closed when nobody waits any more. Internal to this folder. What it calls back is a
// hint: a socket that cannot be had costs its hints and nothing else. It must never keep a caller
// waiting for the network.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "adapters/http/url.hpp"
#include "adapters/http/websocket_client.hpp"
#include "ports/chain.hpp"

namespace obelisk::solana_rpc {

class SignatureSocket {
 public:
  explicit SignatureSocket(http::Url url) : url_(std::move(url)) {}
  ~SignatureSocket();

  // The callback runs at most once, and never after the returned object is destroyed, which must
  // not happen inside it.
  std::unique_ptr<ports::Subscription> watch(const base::Signature& signature,
                                             ports::Commitment commitment,
                                             std::function<void()> callback);

 private:
  struct Watch {
    std::string subscribe;  // the request, with the watch's own number as its id
    std::function<void()> callback;
    std::optional<std::uint64_t> subscription;  // as this connection numbers it
  };
  class Handle;

  void run(const std::stop_token& stop);
  void live_once(const std::stop_token& stop);
  void on_message(std::string_view text);
  void end_connection();
  void remove(std::uint64_t number);

  const http::Url url_;
  std::mutex mutex_;
  std::mutex calling_;  // held while a callback runs, so that a Handle can wait for it
  std::condition_variable_any changed_;
  std::map<std::uint64_t, Watch> watches_;
  std::uint64_t next_number_ = 1;
  bool ended_ = true;                              // no connection lives
  std::unique_ptr<http::WebSocketClient> socket_;  // changed by our thread, under the lock
  std::jthread thread_;                            // started by the first watch
};

}  // namespace obelisk::solana_rpc
