// What a host's owner decides: the key that is paid, the price, what may be used, where the market
// is. From flags, then the environment, then a TOML file. It must never hold the key itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::host {

struct Config {
  std::filesystem::path keypair;      // the host's wallet: its name and its pay
  std::filesystem::path fee_keypair;  // pays network fees; empty: `keypair` does
  std::string fee_price;              // "0..1000000" micro-lamports a unit; empty: the default
  std::string fee_most;               // lamports of priority fee for one transaction
  std::filesystem::path state_dir;
  std::filesystem::path images_dir;  // what images/build was given
  // Folders that every lease reads at /cache/<name>: models, data, package caches.
  std::map<std::string, std::string> caches = {};
  // Images that renters may have brought: the largest, unpacked; 0: none. From these registries
  // alone; and of all that were brought so much is kept, what was used longest ago goes first.
  std::uint32_t pull_max_gb = 0;
  std::uint32_t pull_keep_gb = 50;
  std::vector<std::string> pull_registries{"docker.io", "ghcr.io", "quay.io", "nvcr.io"};
  std::string market_url;  // http(s)://...
  std::string market;      // the market account this host serves; empty: what the server says
  std::string program;     // the lease program; empty: what the server says
  std::string rpc_url;
  std::string ws_url;    // empty: derived from rpc_url
  bool mainnet = false;  // allow Solana's mainnet
  std::filesystem::path ready_file;

  // The door: where renters' ssh arrives, and the address they are told.
  std::string ssh_listen = "0.0.0.0";
  std::string ssh_address;  // empty: ssh_listen
  // Through which gateways renters come: "market" (those it names), "none", or places.
  std::string gateways = "market";

  bool allow_cpu = false;  // offer the machine's processor as the card `cpu` if there is no GPU
  // Another NVML than the driver's. Whatever it finds is listed as simulated.
  std::filesystem::path cuda_library;  // another libcuda; empty: the driver's
  std::filesystem::path nvml_library;
  std::uint64_t micro_usd_per_hour = 0;  // for one card; 0: the catalogue's first price
  std::uint64_t micro_usd_per_gb_month = 0;
  std::uint32_t max_seconds = 7 * 86'400;
  std::string region;

  // What leases may take of this machine; 0: three quarters of what is there.
  std::uint64_t disk_bytes = 0;
  std::uint64_t ram_bytes = 0;
  std::uint32_t cpu_milli = 0;
  std::vector<std::string> resolvers{"1.1.1.1", "9.9.9.9"};
};

// The settings of a TOML file; keys as in Config, prices in dollars as text ("0.88"). An unknown
// key is an error: a misspelt price floor must not go unseen.
base::Result<Config> read_config(const std::filesystem::path& file, Config defaults);

// "0.88" or "1.380000": dollars with up to six decimals, above 0 and at most 1,000.
base::Result<std::uint64_t> micro_usd_from(const std::string& dollars);
// The same way back, with two decimals or as many as it takes: "1.38", "0.000001".
std::string dollars_from(std::uint64_t micro_usd);

}  // namespace obelisk::host
