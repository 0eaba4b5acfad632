// cluster_url: where a cluster's RPC is, by the words of the Solana CLI, and where its WebSocket is
// when nobody says. It must never open a connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace obelisk::solana {

// "devnet", "d", "testnet", "t", "mainnet-beta", "m", "localhost", "l" as the Solana CLI reads
// them; any other text is taken for a URL and given back unchanged.
std::string cluster_url(std::string_view name_or_url);

// The Solana CLI's rule: http becomes ws and https wss; a port that is written becomes the next
// one; path and query stay. Nothing for a text that is no such URL.
std::optional<std::string> derived_websocket_url(std::string_view rpc_url);

}  // namespace obelisk::solana
