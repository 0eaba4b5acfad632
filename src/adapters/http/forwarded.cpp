#include "adapters/http/forwarded.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace obelisk::http {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr std::size_t kMaxRanges = 64;
constexpr std::size_t kMaxHops = 16;
constexpr unsigned kMappedBits = 96;  // ::ffff:0:0/96 holds IPv4
constexpr std::size_t kPersonBytes = 8;

struct Numeric {
  Bytes bytes{};
  bool is_ipv4 = false;
};

// IPv4 as the IPv6 address that stands for it.
std::optional<Numeric> numeric(std::string_view text) {
  const std::string copy(text.substr(0, INET6_ADDRSTRLEN));
  if (copy.size() != text.size()) return std::nullopt;
  Numeric out;
  if (::inet_pton(AF_INET6, copy.c_str(), out.bytes.data()) == 1) return out;
  out.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
  out.is_ipv4 = true;
  if (::inet_pton(AF_INET, copy.c_str(), out.bytes.data() + 12) == 1) return out;
  return std::nullopt;
}

bool same_bits(const Bytes& a, const Bytes& b, unsigned bits) {
  for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
    const unsigned here = std::min(bits, 8U);
    const auto mask = static_cast<std::uint8_t>(0xff00U >> here);
    if (((a[i] ^ b[i]) & mask) != 0) return false;
    bits -= here;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

base::Error wrong(std::string_view entry) {
  return {base::Code::usage,
          "'" + std::string(entry.substr(0, 80)) + "' is no address of a trusted proxy.",
          "Write numeric addresses or ranges: 127.0.0.1 10.0.0.0/8 fd00::/8."};
}

}  // namespace

base::Result<TrustedProxies> TrustedProxies::parse(std::string_view text) {
  TrustedProxies out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" ,"), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (entry.empty()) continue;
    const std::size_t slash = entry.find('/');
    const auto address = numeric(entry.substr(0, slash));
    if (!address || out.ranges_.size() >= kMaxRanges) return wrong(entry);
    const unsigned first = address->is_ipv4 ? kMappedBits : 0;
    unsigned bits = 128 - first;
    if (slash != std::string_view::npos) {
      const char* const stop = entry.data() + entry.size();
      const auto [read, error] = std::from_chars(entry.data() + slash + 1, stop, bits);
      if (error != std::errc{} || read != stop || bits > 128 - first) return wrong(entry);
    }
    out.ranges_.push_back({address->bytes, first + bits});
  }
  return out;
}

bool TrustedProxies::contains(std::string_view address) const {
  if (ranges_.empty()) return false;
  const auto given = numeric(address);
  return given && std::ranges::any_of(ranges_, [&](const Range& range) {
           return same_bits(range.address, given->bytes, range.bits);
         });
}

std::string TrustedProxies::client_of(std::string_view peer, std::string_view forwarded_for) const {
  std::string client(peer);
  for (std::size_t hops = 0; hops < kMaxHops && contains(client); ++hops) {
    const std::size_t comma = forwarded_for.rfind(',');
    const std::size_t from = comma == std::string_view::npos ? 0 : comma + 1;
    const std::string_view last = trimmed(forwarded_for.substr(from));
    if (!numeric(last)) break;
    client = last;
    forwarded_for = forwarded_for.substr(0, from == 0 ? 0 : comma);
  }
  return client;
}

std::string address_group(std::string_view address) {
  const auto given = numeric(address);
  if (!given) return std::string(address.substr(0, INET6_ADDRSTRLEN));
  const bool mapped = same_bits(given->bytes, numeric("0.0.0.0")->bytes, kMappedBits);
  if (mapped) return {reinterpret_cast<const char*>(given->bytes.data()) + 12, 4};
  return {reinterpret_cast<const char*>(given->bytes.data()), kPersonBytes};
}

}  // namespace obelisk::http
