// TrustedProxies: the reverse proxies of which an operator says that they tell the truth, and whose
// word X-Forwarded-For is. It must never believe a header that a stranger sent.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace obelisk::http {

class TrustedProxies {
 public:
  // "127.0.0.1 10.0.0.0/8 fd00::/8", parted by blanks or commas. Empty: nobody is trusted.
  static base::Result<TrustedProxies> parse(std::string_view text);

  bool empty() const { return ranges_.empty(); }
  // Whether this numeric address is one of theirs.
  bool contains(std::string_view address) const;
  // Who asked: the peer itself, or where that is trusted the last address of the header (all of
  // them, with commas between) that is not. What is no address ends the search.
  std::string client_of(std::string_view peer, std::string_view forwarded_for) const;

 private:
  struct Range {
    std::array<std::uint8_t, 16> address{};
    unsigned bits = 0;
  };
  std::vector<Range> ranges_;
};

// What of an address one person has: all of an IPv4 address, the first 64 bits of an IPv6 one.
std::string address_group(std::string_view address);

}  // namespace obelisk::http
