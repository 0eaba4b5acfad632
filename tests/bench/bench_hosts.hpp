// The hosts that benchmarks use: from their number alone, so that two processes know the same ones.
#pragma once

#include <chrono>
#include <string>

#include "api/types.hpp"
#include "base/crypto.hpp"

namespace obelisk::bench {

inline base::Keypair host_key(std::size_t number) {
  base::Writer seed;
  seed.put(std::string_view("obelisk bench host"));
  seed.u64(number);
  return base::Keypair::from_seed(base::sha256(seed.bytes()).bytes);
}

inline std::string card_uuid(std::size_t host, std::size_t card) {
  return "GPU-" + std::to_string(host) + "-" + std::to_string(card);
}

// What a host with so many RTX 4090 says, marked as simulated.
inline api::HostListing signed_listing(const base::Keypair& key, std::size_t number,
                                       std::size_t cards) {
  api::Listing listing;
  listing.host = key.public_key();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  listing.seq = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  for (std::size_t i = 0; i < cards; ++i) {
    listing.cards.push_back(
        {card_uuid(number, i), "rtx-4090", "NVIDIA GeForce RTX 4090", 24'564ULL << 20});
  }
  listing.micro_usd_per_hour = 300'000 + number % 500 * 1000;
  listing.disk_bytes_max = std::uint64_t{2000} << 30;
  listing.ram_bytes = std::uint64_t{512} << 30;
  listing.cpu_milli = 64'000;
  listing.max_seconds = 86'400;
  listing.images = {{"sha256:" + std::string(64, 'a'), "ssh", 400'000'000}};
  listing.region = "eu";
  listing.simulated = true;
  listing.cpu_name = "AMD EPYC 9354 32-Core Processor";
  listing.driver_version = "550.54.15";
  api::HostListing out{"listing", api::to_json(listing), {}};
  base::Writer message;
  message.put(std::string_view("OBELISKL"));
  message.put(base::sha256(base::view_of(out.listing)).view());
  out.signature = key.sign(message.bytes());
  return out;
}

}  // namespace obelisk::bench
