// Reads and writes of little-endian values in byte ranges. Every access is checked: an offset comes
// from a file that may be hostile, so it never reaches memory before it was compared with the size.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace obelisk::sbpf_ld {

static_assert(std::endian::native == std::endian::little, "values are copied as they lie");

using Bytes = std::span<const std::uint8_t>;

// True when [offset, offset + size) lies in a range of `total` bytes; no sum that could wrap.
constexpr bool fits(std::uint64_t offset, std::uint64_t size, std::uint64_t total) {
  return offset <= total && size <= total - offset;
}

template <class T>
std::optional<T> load(Bytes bytes, std::uint64_t offset) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (!fits(offset, sizeof(T), bytes.size())) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

template <class T>
bool store(std::span<std::uint8_t> bytes, std::uint64_t offset, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (!fits(offset, sizeof(T), bytes.size())) return false;
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
  return true;
}

template <class T>
void append(std::vector<std::uint8_t>& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
  out.insert(out.end(), first, first + sizeof(T));
}

}  // namespace obelisk::sbpf_ld
