// Doors: how renters' ssh gets into the leases here. Through gateways where there are some, so that
// this machine needs no open port; else through a port of its own. It must never lead anywhere but
// to the lease it was opened for.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/tcp_relay.hpp"
#include "apps/host/records.hpp"
#include "ports/containers.hpp"
#include "ports/tunnel.hpp"

namespace obelisk::host {

struct DoorParts {
  std::string listen;   // a port of this machine's own would be there
  std::string address;  // and renters be told this
  http::IoThreads& io;
  ports::Tunnel* tunnel = nullptr;  // null: there never is a gateway
};

class Doors {
 public:
  explicit Doors(DoorParts parts) : parts_(std::move(parts)) {}

  struct Door {
    std::string address;  // what renters are told
    std::uint16_t port = 0;
    std::uint16_t own_port = 0;  // where this machine listens itself; 0: it does not
  };
  // Again for one that is open: it leads to the container as it is now. Its own port stays the
  // record's where it can. May wait some seconds for a gateway.
  base::Result<Door> open(const LeaseRecord& record, const ports::Container& container);
  // From now on the renter's passes lead to its ports and its terminal; before, open() leads only
  // to its sshd, which knows by itself who may log in.
  void let_renter_in(const base::PublicKey& lease);
  // Where renters reach it by now through gateways, the preferred one first; mostly none where it
  // has a port of its own.
  std::vector<ports::Way> ways(const base::PublicKey& lease) const;
  // Nobody new gets in; who is inside by a port of ours is cut off.
  void close(const base::PublicKey& lease);

 private:
  base::Result<std::uint16_t> open_own(const LeaseRecord& record,
                                       const ports::Container& container);

  DoorParts parts_;
  std::mutex mutex_;
  std::map<base::PublicKey, ports::Publication> published_;         // guarded by mutex_
  std::map<base::PublicKey, std::unique_ptr<http::TcpRelay>> own_;  // guarded by mutex_
  std::map<base::PublicKey, std::uint16_t> own_ports_;              // guarded by mutex_
};

}  // namespace obelisk::host
