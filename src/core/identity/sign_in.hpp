// Sign-In With Solana: the text a person reads and signs to show that a wallet is theirs. It is
// bound to one domain, one address, one market and one nonce of ours, and it ends. It must never be
// mistaken for a payment: its first line says what it is.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/public_key.hpp"
#include "base/time.hpp"
#include "core/identity/origins.hpp"

namespace obelisk::identity {

inline constexpr base::UnixMillis kChallengeLifeMs = 300'000;

struct SignIn {
  Origin origin;
  base::PublicKey wallet;
  base::PublicKey market;
  std::string nonce;
  base::UnixMillis issued_ms = 0;  // whole seconds

  std::string statement() const;
  std::string issued_at() const;
  std::string expires_at() const;
  std::string resource() const;
  // The text as the standard has it, without a line break at the end.
  std::string text() const;
};

// Makes nonces and knows them again, without keeping any: each carries its time and a mark that
// only this key makes. Whether one was used is for the store of sessions to know.
class Challenges {
 public:
  Challenges();  // with a new key: what was asked of another process counts no more
  SignIn make(const Origin& origin, const base::PublicKey& wallet, const base::PublicKey& market,
              base::UnixMillis now_ms) const;
  // Nothing unless `text` is, byte for byte, what make() gave for that wallet and market, and for
  // an origin that is still one of `origins`. It may be over: see issued_ms.
  std::optional<SignIn> read(std::string_view text, const Origins& origins,
                             const base::PublicKey& wallet, const base::PublicKey& market) const;

 private:
  std::string mark_of(const SignIn& sign_in, std::string_view random) const;
  std::array<std::uint8_t, 32> key_{};
};

}  // namespace obelisk::identity
