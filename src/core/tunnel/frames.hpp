// What hosts and gateways say to each other, byte by byte (docs/gateway.md). A host opens every
// connection. The gateway greets, the host says who it is; then the connection is one of two kinds:
//
//   control   one a host and gateway: frames both ways, for as long as the host is there
//   stream    waits until the gateway asks for a visitor; the host answers with one byte, and from
//             then on every byte is the visitor's
//
// All numbers are little-endian. Decoding takes nothing that encoding would not write, and never
// more than the bounds here: both sides are strangers to each other.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "core/tunnel/pass.hpp"

namespace obelisk::tunnel {

inline constexpr std::size_t kNonceBytes = 32;
inline constexpr std::size_t kSessionBytes = 16;
using Nonce = std::array<std::uint8_t, kNonceBytes>;
// Of one control connection, chosen by the host: its streams belong to it.
using SessionId = std::array<std::uint8_t, kSessionBytes>;
// The 32 bytes that both ends of a TLS connection can compute and nobody else (RFC 9266); zeros
// where there is no TLS.
using Binding = std::array<std::uint8_t, 32>;

inline constexpr std::size_t kGreetingBytes = 8 + kNonceBytes;
base::Bytes encode_greeting(const Nonce& nonce);
std::optional<Nonce> decode_greeting(base::ByteView bytes);  // exactly kGreetingBytes

enum class Kind : std::uint8_t { control = 1, stream = 2 };

struct Hello {
  Kind kind = Kind::control;
  SessionId session{};
  base::PublicKey host;  // its payout wallet
  base::Signature signature;

  bool operator==(const Hello&) const = default;
};
inline constexpr std::size_t kHelloBytes = 8 + kSessionBytes + 32 + 64;
base::Bytes encode_hello(const Hello& hello);
std::optional<Hello> decode_hello(base::ByteView bytes);
// What the host signs: "OBELISKG", kind, session, the gateway's nonce and key, the TLS binding. So
// a hello is good for one connection to one gateway.
base::Bytes hello_message(Kind kind, const SessionId& session, const Nonce& nonce,
                          const base::PublicKey& gateway, const Binding& binding);

// Asked of a waiting stream.
struct Visit {
  base::PublicKey lease;
  std::uint16_t port = 0;         // inside the lease; kTerminal: its terminal
  std::optional<Pass> pass = {};  // nothing: to its sshd, which asks for itself

  bool operator==(const Visit&) const = default;
};
inline constexpr std::size_t kVisitBytes = 36 + kPassBytes;
base::Bytes encode_visit(const Visit& visit);
std::optional<Visit> decode_visit(base::ByteView bytes);

// The host's one byte.
enum class Answer : std::uint8_t {
  here = 0,
  unknown_lease = 1,
  not_listening = 2,
  too_many = 3,
  no_pass = 4
};

// --- control frames: u8 type, u8 zero, u16 length, then so many bytes ---

inline constexpr std::size_t kFrameHead = 4;
inline constexpr std::size_t kMaxFrame = 17'000;

// Host: let visitors of this lease in. The quote shows that the lease is this host's.
struct Publish {
  base::PublicKey lease;
  std::uint16_t wanted_port = 0;  // outside, where it had one before; 0: any
  base::Signature quote_signature;
  std::string terms;

  bool operator==(const Publish&) const = default;
};
struct Withdraw {
  base::PublicKey lease;
  bool operator==(const Withdraw&) const = default;
};
// Gateway: the lease is reached there.
struct Published {
  base::PublicKey lease;
  std::uint16_t port = 0;
  std::string address;
  std::string web = {};  // "https://gw.example:8443" where its other ports are; empty: nowhere
  bool operator==(const Published&) const = default;
};
struct Refused {
  base::PublicKey lease;
  std::string why;
  bool operator==(const Refused&) const = default;
};
// Gateway: so many visitors wait for a stream.
struct Need {
  std::uint16_t streams = 0;
  bool operator==(const Need&) const = default;
};
struct Ping {
  bool operator==(const Ping&) const = default;
};
struct Pong {
  bool operator==(const Pong&) const = default;
};
using Frame = std::variant<Publish, Withdraw, Published, Refused, Need, Ping, Pong>;

base::Bytes encode_frame(const Frame& frame);
// How long the frame's rest is, from its head; nothing where no frame begins so.
std::optional<std::size_t> frame_rest(base::ByteView head);
// From head and rest.
std::optional<Frame> decode_frame(base::ByteView bytes);

}  // namespace obelisk::tunnel
