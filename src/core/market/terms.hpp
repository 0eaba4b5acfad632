// Terms: everything that a quote promises, as one canonical JSON text whose SHA-256 the lease
// carries on chain. Market, host and renter read it with the same strict reader, so that nobody
// signs, pays or serves something else than the others read. It must never hold more than what is
// promised.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/market/images.hpp"
#include "core/market/price.hpp"

namespace obelisk::market {

inline constexpr std::size_t kMaxTermsBytes = 16'384;
inline constexpr std::size_t kMaxCardsPerLease = 16;
inline constexpr std::uint32_t kDefaultUnprovenLimitS = 3600;
inline constexpr std::uint16_t kSshPort = 22;

// One card of the lease: which one, and what was measured of it.
struct TermsCard {
  std::string uuid;
  std::uint64_t memory_bytes = 0;  // as its driver says
  // Filled at once before the market's eyes; 0: not shown, and then not in the text.
  std::uint64_t proven_bytes = 0;
  bool operator==(const TermsCard&) const = default;
};

struct Terms {
  base::PublicKey program;
  base::PublicKey market;
  std::uint64_t market_rev = 0;
  base::PublicKey attestor;  // whose signature makes these terms a quote
  base::PublicKey renter;
  base::PublicKey host;
  std::uint64_t nonce = 0;
  std::int64_t expires_at = 0;  // chain seconds
  std::string offer;
  std::string card;  // catalogue id
  std::vector<TermsCard> cards;
  bool simulated = false;
  std::string image;  // "sha256:<hex>"
  // The template that the renter asked for by name; empty: none, and then not in the text.
  std::string template_name;
  std::uint64_t disk_bytes = 0;  // destroyed at the end
  std::uint64_t ram_bytes = 0;
  std::uint32_t cpu_milli = 0;
  std::vector<std::uint16_t> ports;  // inside the lease, reachable for the renter
  std::uint64_t lamports_per_hour = 0;
  std::uint32_t seconds = 0;
  std::uint32_t max_seconds = 0;
  std::uint16_t fee_bps = 0;  // inside the price
  Breakdown debit;
  std::uint64_t micro_usd_per_sol = 0;
  base::UnixMillis sol_price_at_ms = 0;
  std::string sol_price_source;
  std::string ssh_key;  // fingerprint of the key that may log in: "SHA256:..."
  // A host that holds no attestation for so long may warn and pause.
  std::uint32_t unproven_limit_s = kDefaultUnprovenLimitS;

  bool operator==(const Terms&) const = default;
};

// The one text of these terms.
std::string terms_text(const Terms& terms);
// The terms of exactly such a text, whole and consistent: bounds kept, the debit's parts add up to
// what the program will take. invalid_input names the field otherwise.
base::Result<Terms> read_terms(std::string_view text);
// Whether the values keep their bounds and agree with each other; read_terms has done it already.
base::Result<void> check_terms(const Terms& terms);

base::Hash terms_hash(std::string_view text);
// What the attestor signs: "OBELISKQ" and the hash.
base::Bytes quote_message(const base::Hash& terms_hash);
// Whether `attestor` signed exactly this text as a quote.
bool verify_quote(std::string_view text, const base::PublicKey& attestor,
                  const base::Signature& signature);

// Letters, digits and dashes, 1 to 80 of them: how drivers name a card.
bool valid_uuid(std::string_view uuid);

}  // namespace obelisk::market
