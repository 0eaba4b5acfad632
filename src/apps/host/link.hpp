// The host's one connection to its market: a WebSocket it opens and keeps opening, proves itself
// on, says its listing and its leases on, and hears wishes from. Losing it loses nothing: leases
// run on, and everything is said again after reconnecting.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/http/url.hpp"
#include "adapters/http/websocket_client.hpp"
#include "api/types.hpp"
#include "base/result.hpp"
#include "ports/signer.hpp"

namespace obelisk::host {

// What happens on the link. Called on the socket's thread: none of these may block for long.
struct LinkEvents {
  // The market took us; returns what to say first: the listing, then every lease's state.
  std::function<std::vector<std::string>(const api::MarketWelcome&)> welcomed;
  std::function<void(const api::MarketLease&)> wish;
  std::function<void(const api::MarketAttestation&)> attestation;
  std::function<void(const std::string& words)> log;
  // After it was logged; may be empty.
  std::function<void(const api::MarketNotice&)> notice = {};
  // About proofs of cards; may be empty.
  std::function<void(const api::MarketProve&)> prove = {};
  std::function<void(const api::ProvenCard&)> proven = {};
  // A wish for an image; may be empty.
  std::function<void(const api::MarketPull&)> pull = {};
  // A question about a lease; may be empty.
  std::function<void(const api::MarketAsk&)> ask = {};
};

class Link {
 public:
  // `market`: the account this host serves. A market that names another one is refused: its quotes
  // would be worth nothing here.
  Link(http::Url url, base::PublicKey market, ports::Signer& signer, LinkEvents events);
  ~Link();  // says goodbye and joins
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void start();
  // Drops the message when the link is down: after reconnecting all states are said anyway.
  void say(const std::string& message);
  bool connected() const { return welcomed_; }

 private:
  void keep_connecting();
  void session();
  void hear(std::string_view text);
  void answer_challenge(std::string_view text);
  void send(const std::string& message);

  http::Url url_;
  base::PublicKey market_;
  ports::Signer& signer_;
  LinkEvents events_;
  std::atomic<bool> welcomed_ = false;
  std::atomic<bool> ending_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;                // guarded by mutex_
  http::WebSocket* socket_ = nullptr;  // guarded by mutex_; set while a session lasts
  std::vector<std::string> unsent_;    // guarded by mutex_; said before socket_ was set
  std::thread thread_;
};

// What the host's parts say to the market through whichever link there is; before there is one and
// after it they are not heard. Any thread may call.
class Speaker {
 public:
  // `before` is called right before each message, with what it is.
  explicit Speaker(std::function<void(std::string_view what)> before)
      : before_(std::move(before)) {}
  void say(const std::string& message) {
    const std::lock_guard lock(mutex_);
    before_("link.say");
    if (link_ != nullptr) link_->say(message);
  }
  bool is_connected() {
    const std::lock_guard lock(mutex_);
    return link_ != nullptr && link_->connected();
  }
  // nullptr: to nobody, from the moment this returns.
  void speak_to(Link* link) {
    const std::lock_guard lock(mutex_);
    link_ = link;
  }

 private:
  const std::function<void(std::string_view what)> before_;
  std::mutex mutex_;
  Link* link_ = nullptr;  // guarded by mutex_
};

// The "type" of a message, or nothing where it is none of ours.
std::string type_of(std::string_view json);

}  // namespace obelisk::host
