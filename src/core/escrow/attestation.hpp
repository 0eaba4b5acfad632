// The attestor's (or the renter's) statement that a lease was served until a time: the 88 bytes
// that are signed, and the 200 bytes of the Ed25519 instruction that proves the signature to the
// program. Freestanding. A statement is for one program, one address and one opening of it, and the
// newest replaces all before it.
#pragma once

#include "core/escrow/key.hpp"

namespace obelisk::escrow {

// From program/description.json: attestation.
// "OBELISK1" as a word, as it lies in memory.
inline constexpr uint64_t kAttestationMagic = 0x314b53494c45424f;

struct Attestation {
  uint64_t magic;
  Key program;
  Key lease;
  uint64_t opened_slot;
  int64_t alive_until;
};
static_assert(sizeof(Attestation) == 88 && alignof(Attestation) == 8);
static_assert(offsetof(Attestation, magic) == 0);
static_assert(offsetof(Attestation, program) == 8);
static_assert(offsetof(Attestation, lease) == 40);
static_assert(offsetof(Attestation, opened_slot) == 72);
static_assert(offsetof(Attestation, alive_until) == 80);
// End of attestation.

// The data of the Ed25519 instruction: one signature, and key, signature and message all within it.
inline constexpr uint64_t kEd25519DataLength = 200;
inline constexpr uint64_t kEd25519HeaderLow = 0x0010ffff00300001;
inline constexpr uint64_t kEd25519HeaderHigh = 0xffff00580070ffff;
inline constexpr uint64_t kEd25519KeyAt = 16;
inline constexpr uint64_t kEd25519SignatureAt = 48;
inline constexpr uint64_t kEd25519MessageAt = 112;
static_assert(kEd25519MessageAt + sizeof(Attestation) == kEd25519DataLength);

}  // namespace obelisk::escrow
