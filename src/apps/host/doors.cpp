#include "apps/host/doors.hpp"

namespace obelisk::host {
namespace {

// The first way is there within a round trip or two; a gateway that is away is not waited for long.
constexpr std::chrono::milliseconds kGatewayPatience{2'000};

}  // namespace

base::Result<Doors::Door> Doors::open(const LeaseRecord& record,
                                      const ports::Container& container) {
  const base::PublicKey& lease = record.wish.lease;
  if (parts_.tunnel != nullptr && record.wish.terms && record.wish.quote_signature) {
    ports::Publication what{lease, *record.wish.terms, *record.wish.quote_signature,
                            container.ssh_address, container.ssh_port};
    if (!container.network.empty()) what.network = container.network;
    {
      const std::lock_guard lock(mutex_);
      published_[lease] = what;
    }
    parts_.tunnel->publish(what);
    const auto ways = parts_.tunnel->ways(lease, kGatewayPatience);
    if (!ways.empty()) return Door{ways.front().address, ways.front().port, 0};
  }
  TRY(const std::uint16_t port, open_own(record, container));
  return Door{parts_.address, port, port};
}

void Doors::let_renter_in(const base::PublicKey& lease) {
  std::optional<ports::Publication> what;
  {
    const std::lock_guard lock(mutex_);
    const auto at = published_.find(lease);
    if (at == published_.end() || at->second.is_renters) return;
    at->second.is_renters = true;
    what = at->second;
  }
  parts_.tunnel->publish(*what);
}

base::Result<std::uint16_t> Doors::open_own(const LeaseRecord& record,
                                            const ports::Container& container) {
  const base::PublicKey& lease = record.wish.lease;
  const std::lock_guard lock(mutex_);
  if (const auto at = own_.find(lease); at != own_.end()) {
    TRY_VOID(at->second->set_target(container.ssh_address, container.ssh_port));
    return own_ports_[lease];
  }
  http::RelayOptions options;
  options.listen_address = parts_.listen;
  options.listen_port = record.door_port;
  options.target_address = container.ssh_address;
  options.target_port = container.ssh_port;
  auto door = std::make_unique<http::TcpRelay>(parts_.io, options);
  auto bound = door->start();
  if (!bound && options.listen_port != 0) {
    // Somebody took the port while we were away: a new one is told to the renter.
    options.listen_port = 0;
    door = std::make_unique<http::TcpRelay>(parts_.io, options);
    bound = door->start();
  }
  if (!bound) return std::move(bound).error();
  own_[lease] = std::move(door);
  own_ports_[lease] = *bound;
  return *bound;
}

std::vector<ports::Way> Doors::ways(const base::PublicKey& lease) const {
  if (parts_.tunnel == nullptr) return {};
  return parts_.tunnel->ways(lease, std::chrono::milliseconds(0));
}

void Doors::close(const base::PublicKey& lease) {
  if (parts_.tunnel != nullptr) parts_.tunnel->withdraw(lease);
  std::unique_ptr<http::TcpRelay> door;
  {
    const std::lock_guard lock(mutex_);
    published_.erase(lease);
    const auto at = own_.find(lease);
    if (at == own_.end()) return;
    door = std::move(at->second);
    own_.erase(at);
    own_ports_.erase(lease);
  }
  door->stop();
}

}  // namespace obelisk::host
