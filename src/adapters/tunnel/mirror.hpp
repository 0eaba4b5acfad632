// Mirror: a machine of our own behind the gateways, which we visit as renters visit theirs: whether
// visitors get through a gateway just now, both ways and from end to end. It listens on loopback
// alone and tells every visitor one word; it must never read from one.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/tunnel/dialer.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"

namespace obelisk::tunnel {

// What shows a gateway that the mirror may be published; signed by an attestor that it serves.
struct MirrorQuote {
  base::PublicKey lease;
  std::string terms;  // their host is the mirror's key
  base::Signature signature;
};

class Mirror {
 public:
  using Log = std::function<void(const std::string& words)>;
  // `log` may be empty. Fails where this machine has no loopback port left. `host` is the key that
  // dials.
  static base::Result<std::unique_ptr<Mirror>> start(http::IoThreads& threads, base::Keypair host,
                                                     const MirrorQuote& quote,
                                                     const std::vector<Place>& gateways, Log log,
                                                     bool is_plain = false);
  ~Mirror();
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  // Whether every gateway that renters know by this address lets a visitor through just now; where
  // none ever had it, whether any does. Any thread; up to five seconds for each gateway.
  bool reflects(const std::string& address);

 private:
  class Impl;
  explicit Mirror(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace obelisk::tunnel
