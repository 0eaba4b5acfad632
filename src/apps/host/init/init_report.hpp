// What `init` did and what is left to do, for a terminal and as JSON. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace obelisk::host {

struct InitReport {
  struct Thing {
    std::string id;  // folder, wallet, settings
    bool is_made = false;
    std::string text;
  };
  std::vector<Thing> things;
  std::vector<std::string> notes;
  std::string config;
  std::string state_dir;
  std::string images_dir;
  std::string keypair;
  std::string wallet;                    // the address
  std::optional<std::uint64_t> balance;  // lamports; nothing: no node answered
  bool has_image = false;
  bool has_market = false;
  bool has_node = false;
  std::string flag;  // " --config FILE" where the settings are not at the usual place
};

// What a wallet has to hold: what the market wants to see, and the network fees of a hundred
// claims.
inline constexpr std::uint64_t kFirstLamports = 2'000'000;

// In their order; none is left out that is still to be done.
std::vector<std::string> next_steps(const InitReport& report);
std::vector<std::string> to_lines(const InitReport& report);
// {config, state_dir, images_dir, keypair, wallet, made[], next[]}
std::string to_json(const InitReport& report);

}  // namespace obelisk::host
