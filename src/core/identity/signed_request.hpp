// A request that a wallet's key signed: how a program says who asks, without a login. The text that
// is signed, and the header it travels in, byte by byte as docs/api.md has them. It must never
// decide whether a signature is new or old: the market keeps clock and nonces.
#pragma once

#include <string>
#include <string_view>

#include "base/crypto.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::identity {

inline constexpr std::string_view kSignatureScheme = "Obelisk-Signature";

// What is asked of whom; all of it is signed.
struct Asked {
  std::string method;  // GET for HEAD
  std::string target;  // path, and ?query where there is one, as the market sees them
  std::string host;    // the Host header: a signature for one name is none for another
  base::PublicKey market;
  base::Hash body_hash;  // SHA-256, of nothing where there is no body
};

struct RequestSignature {
  base::PublicKey key;
  base::UnixMillis at_ms = 0;
  std::string nonce;  // 16 to 64 of A-Z a-z 0-9 - _
  base::Signature signature;

  bool operator==(const RequestSignature&) const = default;
};

std::string new_nonce();
// The eight lines that are signed, without a line break at the end.
std::string text_to_sign(const Asked& asked, base::UnixMillis at_ms, std::string_view nonce);
bool is_signed(const Asked& asked, const RequestSignature& signature);

// `Obelisk-Signature key="...", at="...", nonce="...", signature="..."`.
std::string authorization_of(const RequestSignature& signature);
// From the value of an Authorization header that begins with the scheme's name. unauthorized for
// anything but the four parts in that order.
base::Result<RequestSignature> read_authorization(std::string_view value);

}  // namespace obelisk::identity
