// Gateways: which ones this host dials. The market names them when it welcomes the host; they are
// kept, so that after a restart leases are reached again before the market is.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/tunnel/place.hpp"

namespace obelisk::host {

// What the settings say: "market" (those it names), "none", or a list of places.
struct GatewayChoice {
  bool by_market = true;
  std::vector<tunnel::Place> places;  // where not by the market
};
base::Result<GatewayChoice> gateway_choice_from(const std::string& text);

class Gateways {
 public:
  using Use = std::function<void(const std::vector<tunnel::Place>&)>;
  using Log = std::function<void(const std::string& words)>;
  Gateways(GatewayChoice choice, std::filesystem::path file, Use use, Log log)
      : choice_(std::move(choice)),
        file_(std::move(file)),
        use_(std::move(use)),
        log_(std::move(log)) {}

  // Those that were chosen, or that the market named last.
  void start();
  // What a welcome named; heeded only where the market was chosen to say.
  void named(const std::vector<std::string>& places);

 private:
  const GatewayChoice choice_;
  const std::filesystem::path file_;
  const Use use_;
  const Log log_;
  std::vector<tunnel::Place> now_;
};

// Tells whoever listens that the ways to a lease have changed: the tunnel is there before those who
// listen, and after them.
class WayNews {
 public:
  using Tell = std::function<void(const base::PublicKey& lease)>;
  // Empty: nobody, from the moment this returns.
  void go_to(Tell tell) {
    const std::lock_guard lock(mutex_);
    tell_ = std::move(tell);
  }
  void changed(const base::PublicKey& lease) {
    const std::lock_guard lock(mutex_);
    if (tell_) tell_(lease);
  }

 private:
  std::mutex mutex_;
  Tell tell_;  // guarded by mutex_
};

}  // namespace obelisk::host
