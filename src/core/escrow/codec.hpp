// Native only. Between the bytes of the chain and the structs of layout.hpp: accounts, events,
// attestations, and keys. A byte string that is not exactly what it should be gives nothing;
// nothing here trusts an RPC answer further than its length, kind and version.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "core/escrow/attestation.hpp"
#include "core/escrow/event.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::escrow {

Key to_key(const base::PublicKey& key);
Key to_key(const base::Hash& hash);
base::PublicKey to_public_key(const Key& key);
base::Hash to_hash(const Key& key);

// Nothing unless the size, kind and version are ours, and a lease's state is one that exists.
std::optional<Market> parse_market(base::ByteView data);
std::optional<Lease> parse_lease(base::ByteView data);
base::Bytes encode_market(const Market& market);
base::Bytes encode_lease(const Lease& lease);

// One slice of a "Program data:" log line, decoded from base64. Only lines that our own program
// logged may be given to it.
std::optional<Event> parse_event(base::ByteView data);
base::Bytes encode_event(const Event& event);

struct AttestationFields {
  base::PublicKey program;
  base::PublicKey lease;
  std::uint64_t opened_slot = 0;
  std::int64_t alive_until = 0;

  bool operator==(const AttestationFields&) const = default;
};

// The 88 bytes to sign.
base::Bytes encode_attestation(const AttestationFields& fields);
std::optional<AttestationFields> parse_attestation(base::ByteView message);

// The seeds of the two addresses, without the bump.
std::array<base::Bytes, 2> market_seeds(const base::PublicKey& operator_key);
std::array<base::Bytes, 3> lease_seeds(const base::PublicKey& renter, std::uint64_t nonce);

}  // namespace obelisk::escrow
