// The three fixed-size values of Solana that travel everywhere: addresses, signatures, hashes. They
// are values: comparable, hashable, printed in base58, and never secret.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace obelisk::base {

template <std::size_t N, class Tag>
struct FixedBytes {
  std::array<std::uint8_t, N> bytes{};

  auto operator<=>(const FixedBytes&) const = default;
  bool is_zero() const { return *this == FixedBytes{}; }
  ByteView view() const { return bytes; }
  // Base58.
  std::string to_string() const;
  // From base58; nothing unless it is exactly N bytes.
  static std::optional<FixedBytes> parse(std::string_view text);
  // From raw bytes; nothing unless there are exactly N.
  static std::optional<FixedBytes> from(ByteView raw) {
    if (raw.size() != N) return std::nullopt;
    FixedBytes out;
    std::copy(raw.begin(), raw.end(), out.bytes.begin());
    return out;
  }
};

using PublicKey = FixedBytes<32, struct PublicKeyTag>;
using Signature = FixedBytes<64, struct SignatureTag>;
using Hash = FixedBytes<32, struct HashTag>;  // SHA-256 digests and block hashes

extern template struct FixedBytes<32, PublicKeyTag>;
extern template struct FixedBytes<64, SignatureTag>;
extern template struct FixedBytes<32, HashTag>;

}  // namespace obelisk::base

template <std::size_t N, class Tag>
struct std::hash<obelisk::base::FixedBytes<N, Tag>> {
  std::size_t operator()(const obelisk::base::FixedBytes<N, Tag>& value) const noexcept {
    // Keys are uniformly random already, unless somebody chose them: maps keyed by what an outsider
    // chooses must be ordered maps.
    std::size_t out = 0;
    std::memcpy(&out, value.bytes.data(), sizeof out);
    return out;
  }
};
