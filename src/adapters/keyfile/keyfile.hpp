// Key files as the Solana CLI writes them: a JSON array of 64 numbers, the seed and its public key.
// A key is read only from a file that nobody else can read, never overwritten, and never quoted in
// a message.
#pragma once

#include <string>

#include "base/crypto.hpp"
#include "base/result.hpp"

namespace obelisk::keyfile {

// Refuses a file that is missing, not a regular file, readable by others, or not exactly one key;
// each message says what to do about it.
base::Result<base::Keypair> load_keypair(const std::string& file);

// Writes the key to a file of mode 0600 that must not exist yet, synced to the disk before it
// returns. Folders above it are made if they are missing.
base::Result<void> save_new_keypair(const std::string& file, const base::Keypair& keypair);

// A new random key, saved.
base::Result<base::Keypair> create_keypair(const std::string& file);

}  // namespace obelisk::keyfile
