// What a host remembers of its leases across its own death: the market's last wish, the port of the
// door, the newest attestation, and what was sent to the chain for them last. One small file each,
// replaced whole, so that a torn write is never read. Beside it lies the attestation in a file of
// its own (LEASE.attestation.json, docs/cli.md): with that and the host's key anybody's `obelisk
// escrow claim` settles the lease, so it outlives the record. It must never hold more than is
// needed to find, serve and settle a lease again.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/types.hpp"
#include "base/result.hpp"
#include "core/solana/attempt.hpp"

namespace obelisk::host {

struct LeaseRecord {
  api::MarketLease wish;
  std::string watch_key;  // the watch's public key line at the time
  std::uint16_t door_port = 0;
  std::optional<api::Attestation> attestation;
  std::uint64_t opened_slot = 0;  // of the confirmed, ACTIVE account; 0: not seen yet
  // The transaction that was signed for it last, whose fate may not be known.
  std::optional<solana::Attempt> sent = {};
};

// How long an attestation is kept after its lease is gone from here: longer than the longest lease
// and its window.
inline constexpr std::chrono::hours kKeepAttestations{370 * 24};

class Records {
 public:
  // `before` is called right before each change of a file, with what it is.
  using Before = std::function<void(std::string_view what)>;
  explicit Records(std::filesystem::path dir, Before before = {});

  base::Result<void> save(const LeaseRecord& record);
  // The attestation stays: a market that has a lease destroyed too early takes no pay with it.
  void forget(const base::PublicKey& lease);
  // Everything that can be read; a damaged file is set aside as NAME.damaged and reported.
  std::map<base::PublicKey, LeaseRecord> load(std::vector<std::string>& damaged);
  // The same for who only looks: nothing is set aside.
  std::map<base::PublicKey, LeaseRecord> look(std::vector<std::string>& damaged) const;

 private:
  std::filesystem::path path_of(const base::PublicKey& lease) const;
  std::filesystem::path attestation_path_of(const base::PublicKey& lease) const;
  base::Result<void> save_attestation(const LeaseRecord& record);
  void drop_old_attestations() const;
  void before(std::string_view what) const;
  std::filesystem::path dir_;
  Before before_;
};

}  // namespace obelisk::host
