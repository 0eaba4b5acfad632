#include "base/base58.hpp"

#include <array>

namespace obelisk::base {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

constexpr std::array<std::int8_t, 128> kDigits = [] {
  std::array<std::int8_t, 128> digits{};
  digits.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return digits;
}();

}  // namespace

std::string to_base58(ByteView bytes) {
  std::size_t zeros = 0;
  while (zeros < bytes.size() && bytes[zeros] == 0) ++zeros;

  Bytes digits;  // least significant first
  for (std::uint8_t byte : bytes.subspan(zeros)) {
    unsigned carry = byte;
    for (std::uint8_t& digit : digits) {
      carry += static_cast<unsigned>(digit) << 8;
      digit = static_cast<std::uint8_t>(carry % 58);
      carry /= 58;
    }
    for (; carry != 0; carry /= 58) digits.push_back(static_cast<std::uint8_t>(carry % 58));
  }

  std::string out(zeros, kAlphabet[0]);
  for (auto it = digits.rbegin(); it != digits.rend(); ++it) out += kAlphabet[*it];
  return out;
}

std::optional<Bytes> from_base58(std::string_view text, std::size_t max) {
  // 138/100 digits a byte (log 256 / log 58), so a longer text cannot fit into `max` bytes.
  if (text.size() > max * 138 / 100 + 1) return std::nullopt;
  std::size_t zeros = 0;
  while (zeros < text.size() && text[zeros] == kAlphabet[0]) ++zeros;

  Bytes bytes;  // least significant first
  for (char c : text.substr(zeros)) {
    const auto index = static_cast<unsigned char>(c);
    if (index >= kDigits.size() || kDigits[index] < 0) return std::nullopt;
    unsigned carry = static_cast<unsigned>(kDigits[index]);
    for (std::uint8_t& byte : bytes) {
      carry += byte * 58u;
      byte = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    for (; carry != 0; carry >>= 8) bytes.push_back(static_cast<std::uint8_t>(carry));
  }
  if (zeros + bytes.size() > max) return std::nullopt;

  Bytes out(zeros, 0);
  out.insert(out.end(), bytes.rbegin(), bytes.rend());
  return out;
}

}  // namespace obelisk::base
