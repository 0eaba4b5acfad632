// Which cluster a node belongs to, by the hash of its genesis: the one thing a copied URL or a
// friendly name cannot hide. It must never guess: no answer is an error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

// The genesis of Solana's mainnet-beta.
inline constexpr char kMainnetGenesis[] = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";

base::Result<base::Hash> genesis_hash(const std::string& rpc_url);
// The oldest block that the node still has.
base::Result<std::uint64_t> first_available_block(const std::string& rpc_url);
base::Result<std::uint64_t> parse_first_block_answer(std::string_view text);
// The hash in the answer to getGenesisHash.
base::Result<base::Hash> parse_genesis_answer(std::string_view text);
// Whether an address says so itself: no such node is asked before --mainnet is given.
bool names_mainnet(std::string_view rpc_url);

}  // namespace obelisk::cli
