#include "program/attestation_proof.hpp"

#include "core/escrow/attestation.hpp"
#include "program/memory.hpp"
#include "program/well_known.hpp"

namespace obelisk::program {
namespace {

// The sysvar: u16 count, a u16 offset for each instruction, the instructions, and at the very end
// the u16 index of the one that runs. An instruction: u16 accounts, 33 bytes each, the program,
// u16 length of the data, the data.
constexpr uint64_t kBytesPerAccount = 33;

const uint8_t* instruction_before(Account& sysvar) {
  const uint8_t* const data = sysvar.data();
  const uint64_t current = load_u16(data + sysvar.data_length - 2);
  if (current == 0) return nullptr;
  return data + load_u16(data + 2 * current);  // 2 + 2 * (current - 1)
}

}  // namespace

[[gnu::always_inline]] Error read_attestation(const Input& input, Account& sysvar,
                                              const Key& lease_key, const escrow::Lease& lease,
                                              int64_t& alive_until) {
  const uint8_t* const before = instruction_before(sysvar);
  if (before == nullptr) return Error::no_ed25519;
  const uint64_t accounts = load_u16(before);
  const uint8_t* const program = before + 2 + accounts * kBytesPerAccount;
  if (!key_at_is(program, kEd25519Program)) return Error::no_ed25519;

  const uint8_t* const proof = program + 34;
  if (accounts != 0 || load_u16<32>(program) != escrow::kEd25519DataLength ||
      load_u64<0>(proof) != escrow::kEd25519HeaderLow ||
      load_u64<8>(proof) != escrow::kEd25519HeaderHigh) {
    return Error::bad_ed25519;
  }
  const uint8_t* const message = proof + escrow::kEd25519MessageAt;
  if (load_u64<0>(message) != escrow::kAttestationMagic ||
      load_u64<8>(message) != load_u64<0>(input.program) ||
      load_u64<16>(message) != load_u64<8>(input.program) ||
      load_u64<24>(message) != load_u64<16>(input.program) ||
      load_u64<32>(message) != load_u64<24>(input.program) || !key_at_is<40>(message, lease_key) ||
      load_u64<72>(message) != lease.opened_slot) {
    return Error::wrong_message;
  }
  constexpr int kKeyAt = static_cast<int>(escrow::kEd25519KeyAt);
  if (!key_at_is<kKeyAt>(proof, lease.attestor) && !key_at_is<kKeyAt>(proof, lease.renter)) {
    return Error::wrong_attestor;
  }
  alive_until = load_i64<80>(message);
  return Error::none;
}

}  // namespace obelisk::program
