// What this machine remembers of a lease: one folder DIR/leases/LEASE with lease.json, known_hosts
// and ssh_config, private to the person. A convenience: everything about money can be found again
// on the chain without it. It must never hold a secret.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

struct LeaseFile {
  base::PublicKey lease;
  base::PublicKey program;
  base::PublicKey host;
  std::string quote;
  std::string card;
  std::string card_name;
  std::string market_url;
  std::string terms;  // as they were signed
  base::Signature quote_signature;
  base::Lamports quoted;
  std::uint64_t micro_usd_per_sol = 0;
  std::uint32_t seconds = 0;
  std::uint32_t ready_deadline_s = 0;
  std::string identity_file;            // the private key that logs in
  std::optional<base::Signature> open;  // the transaction that paid
  std::optional<std::int64_t> dial_ms;  // where the dial stopped

  bool operator==(const LeaseFile&) const = default;
};

std::string lease_folder(const std::string& state_dir, const base::PublicKey& lease);

base::Result<void> save_lease_file(const std::string& state_dir, const LeaseFile& file);
// Nothing where this machine knows nothing of the lease.
base::Result<std::optional<LeaseFile>> load_lease_file(const std::string& state_dir,
                                                       const base::PublicKey& lease);
std::string lease_file_text(const LeaseFile& file);
base::Result<LeaseFile> parse_lease_file(const std::string& text);

inline constexpr std::size_t kMinLeasePrefix = 4;

// The address that `text` means: in full, or the beginning (4 characters or more) of exactly one
// lease that this machine knows.
base::Result<base::PublicKey> find_lease(const std::string& state_dir, const std::string& text);
// Those this machine knows.
std::vector<base::PublicKey> known_leases(const std::string& state_dir);

}  // namespace obelisk::cli
