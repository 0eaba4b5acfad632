#include "core/solana/cluster_url.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace obelisk::solana {
namespace {

struct Name {
  std::string_view name;
  std::string_view letter;
  std::string_view url;
};

constexpr std::array kNames{
    Name{"mainnet-beta", "m", "https://api.mainnet-beta.solana.com"},
    Name{"testnet", "t", "https://api.testnet.solana.com"},
    Name{"devnet", "d", "https://api.devnet.solana.com"},
    Name{"localhost", "l", "http://localhost:8899"},
};

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::string cluster_url(std::string_view name_or_url) {
  for (const Name& known : kNames) {
    if (name_or_url == known.name || name_or_url == known.letter) return std::string(known.url);
  }
  return std::string(name_or_url);
}

std::optional<std::string> derived_websocket_url(std::string_view rpc_url) {
  std::string out;
  std::string_view rest = rpc_url;
  if (take_prefix(rest, "https://")) {
    out = "wss://";
  } else if (take_prefix(rest, "http://")) {
    out = "ws://";
  } else {
    return std::nullopt;
  }
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty()) return std::nullopt;
  // A colon inside the brackets of an IPv6 address is no port.
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (!has_port) return out.append(rest);
  const std::string_view digits = authority.substr(colon + 1);
  unsigned port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || port == 0 ||
      port >= 65535) {
    return std::nullopt;
  }
  out.append(authority.substr(0, colon + 1));
  out.append(std::to_string(port + 1));
  out.append(rest.substr(authority.size()));
  return out;
}

}  // namespace obelisk::solana
