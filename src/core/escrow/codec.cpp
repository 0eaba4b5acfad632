#include "core/escrow/codec.hpp"

#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace obelisk::escrow {
namespace {

static_assert(std::endian::native == std::endian::little, "structs are copied as they lie");

template <class T>
std::optional<T> from_bytes(base::ByteView data) {
  static_assert(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>);
  if (data.size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, data.data(), sizeof(T));
  return value;
}

template <class T>
base::Bytes to_bytes(const T& value) {
  static_assert(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>);
  base::Bytes bytes(sizeof(T));
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

base::Bytes seed(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace

Key to_key(const base::PublicKey& key) { return std::bit_cast<Key>(key.bytes); }
Key to_key(const base::Hash& hash) { return std::bit_cast<Key>(hash.bytes); }

base::PublicKey to_public_key(const Key& key) {
  return {std::bit_cast<std::array<std::uint8_t, 32>>(key)};
}

base::Hash to_hash(const Key& key) { return {std::bit_cast<std::array<std::uint8_t, 32>>(key)}; }

std::optional<Market> parse_market(base::ByteView data) {
  const auto market = from_bytes<Market>(data);
  if (!market || market->kind != kMarketKind || market->version != kVersion) return std::nullopt;
  return market;
}

std::optional<Lease> parse_lease(base::ByteView data) {
  // The state is looked at as a byte first: a value that is no enumerator must not become one.
  constexpr std::size_t kStateAt = offsetof(Lease, state);
  if (data.size() != sizeof(Lease)) return std::nullopt;
  if (data[0] != kLeaseKind || data[1] != kVersion) return std::nullopt;
  if (data[kStateAt] < 1 || data[kStateAt] > 3) return std::nullopt;
  return from_bytes<Lease>(data);
}

base::Bytes encode_market(const Market& market) { return to_bytes(market); }
base::Bytes encode_lease(const Lease& lease) { return to_bytes(lease); }
base::Bytes encode_event(const Event& event) { return to_bytes(event); }

std::optional<Event> parse_event(base::ByteView data) {
  // Tag and state are looked at as bytes, as above.
  constexpr std::size_t kTagAt = offsetof(Event, tag);
  constexpr std::size_t kStateAt = offsetof(Event, state);
  const auto event = from_bytes<Event>(data);
  if (!event || event->magic != kEventMagic || event->zero != 0) return std::nullopt;
  const bool known_tag = data[kTagAt] >= static_cast<std::uint8_t>(Tag::open) &&
                         data[kTagAt] <= static_cast<std::uint8_t>(Tag::finish);
  if (!known_tag || data[kStateAt] > static_cast<std::uint8_t>(State::closing)) return std::nullopt;
  return event;
}

base::Bytes encode_attestation(const AttestationFields& fields) {
  return to_bytes(Attestation{kAttestationMagic, to_key(fields.program), to_key(fields.lease),
                              fields.opened_slot, fields.alive_until});
}

std::optional<AttestationFields> parse_attestation(base::ByteView message) {
  const auto raw = from_bytes<Attestation>(message);
  if (!raw || raw->magic != kAttestationMagic) return std::nullopt;
  return AttestationFields{to_public_key(raw->program), to_public_key(raw->lease), raw->opened_slot,
                           raw->alive_until};
}

std::array<base::Bytes, 2> market_seeds(const base::PublicKey& operator_key) {
  return {seed("market"), {operator_key.bytes.begin(), operator_key.bytes.end()}};
}

std::array<base::Bytes, 3> lease_seeds(const base::PublicKey& renter, std::uint64_t nonce) {
  return {seed("lease"), {renter.bytes.begin(), renter.bytes.end()}, to_bytes(nonce)};
}

}  // namespace obelisk::escrow
