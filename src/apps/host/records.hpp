// What a host remembers of its leases across its own death: the market's last wish, the port of the
// door, the newest attestation. One small file each, replaced whole, so that a torn write is never
// read. It must never hold more than is needed to find and serve a lease again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "api/types.hpp"
#include "base/result.hpp"

namespace obelisk::host {

struct LeaseRecord {
  api::MarketLease wish;
  std::string watch_key;  // the watch's public key line at the time
  std::uint16_t door_port = 0;
  std::optional<api::Attestation> attestation;
};

class Records {
 public:
  explicit Records(std::filesystem::path dir);

  base::Result<void> save(const LeaseRecord& record);
  void forget(const base::PublicKey& lease);
  // Everything that can be read; a damaged file is set aside as NAME.damaged and reported.
  std::map<base::PublicKey, LeaseRecord> load(std::vector<std::string>& damaged);

 private:
  std::filesystem::path path_of(const base::PublicKey& lease) const;
  std::filesystem::path dir_;
};

}  // namespace obelisk::host
