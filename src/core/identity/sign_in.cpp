#include "core/identity/sign_in.hpp"

#include <charconv>

#include "base/crypto.hpp"

namespace obelisk::identity {
namespace {

constexpr std::string_view kFirstLine = " wants you to sign in with your Solana account:\n";
constexpr std::string_view kNonceLine = "\nNonce: ";
constexpr std::size_t kMostText = 4096;
constexpr std::size_t kTimeChars = 11;  // seconds, in hex
constexpr std::size_t kRandomChars = 32;
constexpr std::size_t kMarkChars = 32;

std::string hex_time(base::UnixMillis at_ms) {
  std::string out(kTimeChars, '0');
  auto rest = static_cast<std::uint64_t>(at_ms / 1000);
  for (std::size_t i = kTimeChars; i > 0 && rest > 0; --i, rest >>= 4) {
    out[i - 1] = "0123456789abcdef"[rest & 15];
  }
  return out;
}

std::optional<base::UnixMillis> time_from(std::string_view hex) {
  std::uint64_t seconds = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), seconds, 16);
  if (error != std::errc{} || end != hex.data() + hex.size()) return std::nullopt;
  return static_cast<base::UnixMillis>(seconds) * 1000;
}

}  // namespace

std::string SignIn::statement() const {
  return "Sign in to OBELISK. This moves no money and lets nobody move any.";
}
std::string SignIn::issued_at() const { return base::to_rfc3339_seconds(issued_ms / 1000); }
std::string SignIn::expires_at() const {
  return base::to_rfc3339_seconds((issued_ms + kChallengeLifeMs) / 1000);
}
std::string SignIn::resource() const { return "urn:obelisk:market:" + market.to_string(); }

std::string SignIn::text() const {
  return origin.host + std::string(kFirstLine) + wallet.to_string() + "\n\n" + statement() +
         "\n\nURI: " + origin.url + "\nVersion: 1" + std::string(kNonceLine) + nonce +
         "\nIssued At: " + issued_at() + "\nExpiration Time: " + expires_at() + "\nResources:\n- " +
         resource();
}

Challenges::Challenges() { base::random_bytes(key_); }

std::string Challenges::mark_of(const SignIn& sign_in, std::string_view random) const {
  base::Writer inner;
  inner.put(key_);
  inner.put(sign_in.wallet.view());
  inner.put(sign_in.market.view());
  inner.i64(sign_in.issued_ms);
  inner.put(random);
  inner.put(sign_in.origin.url);
  base::Writer outer;
  outer.put(key_);
  outer.put(base::sha256(inner.bytes()).view());
  return base::to_hex(base::sha256(outer.bytes()).view()).substr(0, kMarkChars);
}

SignIn Challenges::make(const Origin& origin, const base::PublicKey& wallet,
                        const base::PublicKey& market, base::UnixMillis now_ms) const {
  SignIn out{origin, wallet, market, {}, now_ms / 1000 * 1000};
  std::array<std::uint8_t, kRandomChars / 2> bytes{};
  base::random_bytes(bytes);
  const std::string random = base::to_hex(bytes);
  out.nonce = hex_time(out.issued_ms) + random + mark_of(out, random);
  return out;
}

std::optional<SignIn> Challenges::read(std::string_view text, const Origins& origins,
                                       const base::PublicKey& wallet,
                                       const base::PublicKey& market) const {
  const auto first = text.find(kFirstLine);
  const auto line = text.find(kNonceLine);
  if (text.size() > kMostText || first == std::string_view::npos ||
      line == std::string_view::npos) {
    return std::nullopt;
  }
  const auto origin = origins.find(text.substr(0, first));
  const std::string_view nonce =
      text.substr(line + kNonceLine.size(), kTimeChars + kRandomChars + kMarkChars);
  if (!origin || nonce.size() != kTimeChars + kRandomChars + kMarkChars) return std::nullopt;
  const auto issued_ms = time_from(nonce.substr(0, kTimeChars));
  if (!issued_ms) return std::nullopt;
  SignIn out{*origin, wallet, market, std::string(nonce), *issued_ms};
  if (mark_of(out, nonce.substr(kTimeChars, kRandomChars)) !=
      nonce.substr(kTimeChars + kRandomChars)) {
    return std::nullopt;
  }
  if (out.text() != text) return std::nullopt;
  return out;
}

}  // namespace obelisk::identity
