// Manifest: what a registry says of an image, read with care: which of several machines' images is
// ours, how much there is to load, and what programs in it expect of their environment. The formats
// are the OCI image specification's 1.0 (index, manifest, config) and Docker's own, which differ
// only in names. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::podman {

inline constexpr std::size_t kMaxManifestBytes = 4 << 20;

struct Manifest {
  // Of an index: the digest of what it has for linux on amd64. Then nothing else is filled.
  std::optional<std::string> instance;
  std::string config;             // its digest
  std::uint64_t layer_bytes = 0;  // compressed, all layers together
  std::size_t layers = 0;
};

// invalid_input where it is none, unsupported where it has nothing for this machine.
base::Result<Manifest> parse_manifest(std::string_view text);

// The variables of an image's config. Those that could not be passed on are left out.
base::Result<std::map<std::string, std::string>> parse_environment(std::string_view config);

}  // namespace obelisk::podman
