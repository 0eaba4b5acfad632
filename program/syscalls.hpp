// What the Solana VM offers a program, as we call it. Only declarations: on chain the linker turns
// each name into its number; in native tests a host defines them.
#pragma once

#include "core/escrow/key.hpp"

namespace obelisk::program {

using escrow::Key;

struct Slice {
  const void* bytes;
  uint64_t length;
};

struct CallMeta {
  const Key* key;
  bool is_writable;
  bool is_signer;
};

struct Call {
  const Key* program;
  const CallMeta* accounts;
  uint64_t account_count;
  const uint8_t* data;
  uint64_t data_length;
};

// The runtime insists that these point at its own bytes in the input region.
struct CallAccount {
  const Key* key;
  uint64_t* lamports;
  uint64_t data_length;
  uint8_t* data;
  const Key* owner;
  uint64_t rent_epoch;
  bool is_signer;
  bool is_writable;
  bool executable;
};

struct Seeds {
  const Slice* seeds;
  uint64_t count;
};

static_assert(sizeof(CallMeta) == 16 && sizeof(CallAccount) == 56);

extern "C" {
uint64_t sol_get_sysvar(const Key* sysvar, void* out, uint64_t offset, uint64_t length);
uint64_t sol_invoke_signed_c(const Call* call, const CallAccount* accounts, uint64_t account_count,
                             const Seeds* signers, uint64_t signer_count);
void sol_log_data(const Slice* slices, uint64_t count);
}

}  // namespace obelisk::program
