// Transactions of our program as a node would tell them, made up for tests: any calls, in any wire
// version, with the log that they leave. Only tests include it.
#pragma once

#include <string>
#include <vector>

#include "core/escrow/codec.hpp"
#include "core/escrow/instructions.hpp"
#include "core/index/decode.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::index::testing {

constexpr base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

inline base::Signature signature(std::uint8_t fill) {
  base::Signature out;
  out.bytes.fill(fill);
  return out;
}

inline constexpr base::PublicKey kProgram = key(9);
inline constexpr base::PublicKey kOther = key(8);
inline constexpr escrow::LeaseAccounts kAccounts{key(20), key(21), key(22), key(23), key(24)};
inline constexpr std::uint64_t kRate = 36'000'000;  // 10,000 lamports a second

inline escrow::Open open_of(const escrow::LeaseAccounts& accounts = kAccounts) {
  escrow::Open out;
  out.renter = accounts.renter;
  out.lease = accounts.lease;
  out.host = accounts.host;
  out.market = key(25);
  out.nonce = 7;
  out.market_rev = 1;
  out.rate_lamports_per_hour = kRate;
  out.seconds = 600;
  out.max_seconds = 1200;
  out.terms_hash.bytes.fill(5);
  return out;
}

struct Paid {
  std::uint64_t host = 0, treasury = 0, renter = 0;
};

inline escrow::Event event(escrow::Tag tag, escrow::State after, Paid paid = {},
                           const base::PublicKey& lease = kAccounts.lease) {
  escrow::Event out{};
  out.magic = escrow::kEventMagic;
  out.tag = tag;
  out.state = after;
  out.lease = escrow::to_key(lease);
  out.to_host = paid.host;
  out.to_treasury = paid.treasury;
  out.to_renter = paid.renter;
  out.proven_until = 1000;
  return out;
}

inline std::string invoke(const base::PublicKey& program, int depth = 1) {
  return "Program " + program.to_string() + " invoke [" + std::to_string(depth) + "]";
}
inline std::string success(const base::PublicKey& program) {
  return "Program " + program.to_string() + " success";
}
inline std::string data(const escrow::Event& what) {
  return "Program data: " + base::to_base64(escrow::encode_event(what));
}
inline std::vector<std::string> logged(const escrow::Event& what) {
  return {invoke(kProgram), data(what), success(kProgram)};
}

// The parts of a Landed, which only points to them.
struct Told {
  base::Bytes wire;
  std::vector<std::string> logs;
  std::vector<base::Lamports> before, after;
  std::optional<std::string> error;
  base::Signature id = signature(1);
  std::uint64_t slot = 100;
  std::uint32_t block_index = 3;
  std::vector<base::PublicKey> loaded_keys = {};

  Decoded decoded() const {
    Landed landed{id,   slot,   block_index, 5000 + static_cast<base::UnixSeconds>(slot),
                  wire, {5000}, before,      after,
                  logs, 777,    error,       loaded_keys};
    auto out = decode(landed, kProgram);
    CHECK(out.ok());
    return *std::move(out);
  }
};

inline base::Bytes wire_of(const std::vector<escrow::Call>& calls) {
  auto made = settlement::transaction(kAccounts.renter, calls, 10'000, {});
  CHECK(made.ok());
  return made->wire();
}

// One step as decode() gives it.
inline StepRow step(std::uint64_t slot, const escrow::Call& call, const escrow::Event& what,
                    std::uint8_t name = 1) {
  Told told;
  told.wire = wire_of({call});
  told.logs = logged(what);
  told.slot = slot;
  told.id = signature(name);
  auto decoded = told.decoded();
  CHECK(decoded.steps.size() == 1);
  return decoded.steps.front();
}

}  // namespace obelisk::index::testing
