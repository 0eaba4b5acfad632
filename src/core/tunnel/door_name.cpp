#include "core/tunnel/door_name.hpp"

#include <algorithm>
#include <charconv>

#include "core/tunnel/pass.hpp"

namespace obelisk::tunnel {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view kTerminalWord = "terminal";
constexpr std::string_view kPortMark = "{port}-";
constexpr std::size_t kNameSize = 52;  // 32 bytes by 5 bits, 4 bits to spare
constexpr std::size_t kMaxWeb = 400;

std::string name_of(const base::PublicKey& lease) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::uint8_t byte : lease.view()) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) out += kLetters[(bits >> (count - 5)) & 31];
  }
  out += kLetters[(bits << (5 - count)) & 31];
  return out;
}

std::optional<base::PublicKey> lease_from(std::string_view name) {
  if (name.size() != kNameSize) return std::nullopt;
  base::PublicKey out;
  std::size_t at = 0;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : name) {
    const auto digit = kLetters.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 5) | static_cast<std::uint32_t>(digit);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    out.bytes[at++] = static_cast<std::uint8_t>(bits >> count);
  }
  return (bits & 15) == 0 ? std::optional(out) : std::nullopt;
}

std::optional<std::uint16_t> port_from(std::string_view text) {
  if (text == kTerminalWord) return kTerminal;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole && port != 0 && text.front() != '0' ? std::optional(port) : std::nullopt;
}

std::string word_of(std::uint16_t port) {
  return port == kTerminal ? std::string(kTerminalWord) : std::to_string(port);
}

}  // namespace

std::string label_of(const DoorName& door) {
  return word_of(door.port) + "-" + name_of(door.lease);
}

std::optional<DoorName> door_from(std::string_view label) {
  std::string lower(label);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  const auto dash = lower.find('-');
  if (dash == 0 || dash == std::string::npos) return std::nullopt;
  const auto port = port_from(std::string_view(lower).substr(0, dash));
  const auto lease = lease_from(std::string_view(lower).substr(dash + 1));
  if (!port || !lease) return std::nullopt;
  return DoorName{*lease, *port};
}

std::string web_template(const base::PublicKey& lease, std::string_view origin) {
  const auto mark = origin.find("://");
  if (mark == std::string_view::npos) return {};
  const auto host = mark + 3;
  return std::string(origin.substr(0, host)) + std::string(kPortMark) + name_of(lease) + "." +
         std::string(origin.substr(host));
}

std::optional<std::string> web_address(std::string_view web_template, const DoorName& door) {
  const bool is_http = web_template.starts_with("https://") || web_template.starts_with("http://");
  if (!is_http || web_template.size() > kMaxWeb) return std::nullopt;
  const auto host = web_template.find("://") + 3;
  const std::string mark = std::string(kPortMark) + name_of(door.lease) + ".";
  if (web_template.substr(host, mark.size()) != mark) return std::nullopt;
  const std::string_view rest = web_template.substr(host + mark.size());
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
  };
  if (rest.empty() || !std::ranges::all_of(rest, fits)) return std::nullopt;
  // In the clear a pass would be anybody's on the way.
  const std::string_view name = rest.substr(0, rest.find(':'));
  const bool is_here = name == "localhost" || name.ends_with(".localhost");
  if (!is_here && web_template.starts_with("http://")) return std::nullopt;
  return std::string(web_template.substr(0, host)) + label_of(door) + "." + std::string(rest);
}

}  // namespace obelisk::tunnel
