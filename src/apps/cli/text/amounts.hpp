// How amounts, sizes and addresses are written for people. It must never be read back: machines get
// --json, with decimal strings of lamports.
#pragma once

#include <cstdint>
#include <string>

#include "base/lamports.hpp"
#include "base/public_key.hpp"

namespace obelisk::cli {

// "0.031" without its unit, for columns.
std::string sol_figure(base::Lamports amount);
// "$4.34", to the cent; "$0.0061" below ten cents, never "$0.00" for something.
std::string usd_text(std::uint64_t micro_usd);
// "0.031 SOL ($4.34)"
std::string sol_and_usd(base::Lamports amount, std::uint64_t micro_usd_per_sol);
// Memory: "24 GB" of 2^30 bytes, as cards are named.
std::string memory_text(std::uint64_t bytes);
// Disk: "50 GB" of 10^9 bytes, as disks are sold.
std::string disk_text(std::uint64_t bytes);
// "9C6hyb..tpj": enough to recognise, not enough to pay.
std::string short_key(const base::PublicKey& key);
// "9C6hybhQ": the beginning of an address, as every verb takes it for a lease.
std::string key_beginning(const base::PublicKey& key);
// "417 ms", "4.2 s", "61 s"
std::string milliseconds_text(std::int64_t ms);
// "4 s": what the dial and the closing sentence say; at least one second, rounded up.
std::string whole_seconds_text(std::int64_t ms);

}  // namespace obelisk::cli
