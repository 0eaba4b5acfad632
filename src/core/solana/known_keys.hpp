// The addresses every Solana cluster shares, as values the compiler computes from their base58.
#pragma once

#include <cstddef>

#include "base/public_key.hpp"

namespace obelisk::solana {

// Fails to compile for anything but 32 bytes of base58.
template <std::size_t N>
consteval base::PublicKey known_key(const char (&text)[N]) {
  constexpr char kAlphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  base::PublicKey out;
  for (std::size_t i = 0; i + 1 < N; ++i) {
    unsigned carry = 58;
    for (unsigned k = 0; k < 58; ++k) {
      if (kAlphabet[k] == text[i]) carry = k;
    }
    if (carry == 58) throw "not base58";
    for (std::size_t k = 32; k-- > 0;) {
      carry += 58u * out.bytes[k];
      out.bytes[k] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) throw "more than 32 bytes";
  }
  return out;
}

inline constexpr base::PublicKey kSystemProgram = known_key("11111111111111111111111111111111");
inline constexpr base::PublicKey kComputeBudgetProgram =
    known_key("ComputeBudget111111111111111111111111111111");
inline constexpr base::PublicKey kEd25519Program =
    known_key("Ed25519SigVerify111111111111111111111111111");
// Lighthouse: assertions that wallets (Phantom, Solflare) put beside what they sign, so that it
// does nothing but what they showed. It moves no money.
inline constexpr base::PublicKey kLighthouseProgram =
    known_key("L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95");
inline constexpr base::PublicKey kUpgradeableLoader =
    known_key("BPFLoaderUpgradeab1e11111111111111111111111");
inline constexpr base::PublicKey kClockSysvar =
    known_key("SysvarC1ock11111111111111111111111111111111");
inline constexpr base::PublicKey kRentSysvar =
    known_key("SysvarRent111111111111111111111111111111111");
inline constexpr base::PublicKey kInstructionsSysvar =
    known_key("Sysvar1nstructions1111111111111111111111111");

}  // namespace obelisk::solana
