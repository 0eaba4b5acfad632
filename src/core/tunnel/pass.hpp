// Pass: the renter's own word for who may visit one port of a lease through a gateway, and until
// when. The wallet that pays the lease signs it, as a text that a person can read in a wallet's
// window. The gateway looks at it, and the host again: a gateway that was taken over opens no port
// that the renter did not. It must never be good for another lease, port or time than it names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::tunnel {

// Stands for the terminal, where a port inside the lease is named.
inline constexpr std::uint16_t kTerminal = 0;
inline constexpr base::UnixSeconds kLongestPassS = 366 * 86'400;
// The clocks of wallet, gateway and host may differ by so much.
inline constexpr base::UnixSeconds kPassAheadS = 60;

enum class Audience : std::uint8_t {
  holder = 1,     // whoever shows the pass
  everybody = 2,  // nobody has to show anything; never of a terminal
  nobody = 3,     // takes back what let everybody in, and was signed before
};

struct Pass {
  Audience audience = Audience::holder;
  base::UnixSeconds from_s = 0;
  base::UnixSeconds until_s = 0;
  base::Signature signature;

  bool operator==(const Pass&) const = default;
};

// What the wallet signs: five lines, without a line break at the end.
std::string pass_text(const base::PublicKey& lease, std::uint16_t port, Audience audience,
                      base::UnixSeconds from_s, base::UnixSeconds until_s);

// Refused, in words for whoever shows it: signed by another wallet or for something else, not good
// yet, over, or longer than kLongestPassS.
base::Result<void> check_pass(const Pass& pass, const base::PublicKey& lease, std::uint16_t port,
                              const base::PublicKey& renter, base::UnixSeconds now_s);

// As it travels: 81 bytes, on the wire and in links as 108 characters (RFC 4648, section 5).
inline constexpr std::size_t kPassBytes = 1 + 8 + 8 + 64;
base::Bytes encode_pass(const Pass& pass);
std::optional<Pass> decode_pass(base::ByteView bytes);  // exactly kPassBytes
std::string to_text(const Pass& pass);
std::optional<Pass> pass_from(std::string_view text);

}  // namespace obelisk::tunnel
