// Pull: brings an OCI image from a registry by its digest, checked, unpacked and offered, or leaves
// nothing. skopeo loads (and checks every layer against the manifest), umoci unpacks; what is
// asked for by digest is compared with that digest here. It must never take more room than it was
// given, and never run anything of the image.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "adapters/podman/images/image.hpp"
#include "base/result.hpp"
#include "core/market/image_reference.hpp"

namespace obelisk::podman {

struct PullProgress {
  enum class Step { asking, loading, unpacking };
  Step step = Step::asking;
  std::uint64_t done_bytes = 0;
  std::uint64_t all_bytes = 0;  // 0: unknown
};

struct PullRequest {
  market::ImageReference reference;
  std::string images_dir;
  std::uint64_t max_bytes = 0;      // unpacked; loading needs as much room again at most
  std::uint64_t reserve_bytes = 0;  // stays free on that disk
  bool is_for_renter = false;
  // What a template adds; empty: nothing runs beside sshd.
  std::string template_name = {};
  std::string title = {};
  std::vector<std::string> start = {};
  std::vector<std::uint16_t> ports = {};
  std::map<std::string, std::string> environment = {};  // goes over the image's own
  std::function<void(const PullProgress&)> progress = {};
  std::function<bool()> stopped = {};  // true: end now, and leave nothing
};

struct Pulled {
  Image image;
  std::string name;        // that it is offered by
  bool was_there = false;  // nothing had to be loaded
  std::uint64_t loaded_bytes = 0;
};

// A registry on this very machine may be without TLS, and no other.
// missing_dependency without skopeo or umoci; conflict while another pull runs; not_found,
// unreachable or forbidden as the registry answers; invalid_input where the digests differ or it is
// too large; declined where `stopped` said so.
base::Result<Pulled> pull_image(const PullRequest& request);

}  // namespace obelisk::podman
