// Tunnel: how renters reach a lease on a machine that has no open port. What is published stays so
// over every lost connection, until it is withdrawn; the ways to it come and go. It carries bytes
// that it does not understand, and lets nobody reach anything but what was published.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/public_key.hpp"

namespace obelisk::ports {

// A lease and what shows a gateway that it is ours.
struct Publication {
  base::PublicKey lease;
  std::string terms;
  base::Signature quote_signature;
  std::string target_address;  // numeric; where its sshd listens
  std::uint16_t target_port = 0;
  // The path of its network namespace: its ports are reached by its own loopback. Empty: it has
  // none, they are at the target's address. Nothing: it has no ports but its sshd's.
  std::optional<std::string> network = {};
  // Whether its renter's passes count yet: until `ready` only the watch comes in, by sshd.
  bool is_renters = false;
};

// Where renters reach it.
struct Way {
  std::string address;
  std::uint16_t port = 0;
  std::string web = {};  // "https://{port}-NAME.gw.example" of its other ports; empty: not there
  bool operator==(const Way&) const = default;
};

class Tunnel {
 public:
  virtual ~Tunnel() = default;
  // Returns at once. Again for the same lease: its target may be another one now.
  virtual void publish(const Publication& what) = 0;
  // Those who are inside stay there until their machine ends.
  virtual void withdraw(const base::PublicKey& lease) = 0;
  // Through the gateways that are connected now, the preferred one first. Waits so long for the
  // first one; not at all where there is no gateway to wait for.
  virtual std::vector<Way> ways(const base::PublicKey& lease,
                                std::chrono::milliseconds patience) = 0;
};

}  // namespace obelisk::ports
