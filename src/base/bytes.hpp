// Bytes and the little-endian readers and writers that every wire format here is made of. A Reader
// never reads past its end: after the first short read it stays failed and returns zeros.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace obelisk::base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView view_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string to_hex(ByteView bytes);
std::optional<Bytes> from_hex(std::string_view text);

// Standard base64 with padding (RFC 4648, section 4). Decoding refuses anything non-canonical.
std::string to_base64(ByteView bytes);
std::optional<Bytes> from_base64(std::string_view text);

class Writer {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void u16(std::uint16_t value) { little_endian(value); }
  void u32(std::uint32_t value) { little_endian(value); }
  void u64(std::uint64_t value) { little_endian(value); }
  void i64(std::int64_t value) { little_endian(static_cast<std::uint64_t>(value)); }
  void put(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void put(std::string_view text) { put(view_of(text)); }

  const Bytes& bytes() const { return bytes_; }
  Bytes take() && { return std::move(bytes_); }

 private:
  template <class T>
  void little_endian(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }
  Bytes bytes_;
};

class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  std::uint8_t u8() { return little_endian<std::uint8_t>(); }
  std::uint16_t u16() { return little_endian<std::uint16_t>(); }
  std::uint32_t u32() { return little_endian<std::uint32_t>(); }
  std::uint64_t u64() { return little_endian<std::uint64_t>(); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }

  // The next `count` bytes, or an empty view (and ok() false) where fewer are left.
  ByteView take(std::size_t count) {
    if (failed_ || count > rest_.size()) {
      failed_ = true;
      return {};
    }
    ByteView out = rest_.first(count);
    rest_ = rest_.subspan(count);
    return out;
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> array() {
    std::array<std::uint8_t, N> out{};
    ByteView bytes = take(N);
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  }

  bool ok() const { return !failed_; }
  std::size_t left() const { return failed_ ? 0 : rest_.size(); }
  // Everything was read and nothing was missing.
  bool at_end() const { return !failed_ && rest_.empty(); }

 private:
  template <class T>
  T little_endian() {
    ByteView bytes = take(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    }
    return static_cast<T>(value);
  }
  ByteView rest_;
  bool failed_ = false;
};

}  // namespace obelisk::base
