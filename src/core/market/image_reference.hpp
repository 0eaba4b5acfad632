// ImageReference: where an image lies and which one it is:
// "registry.example:5000/team/name@sha256:...". It must never be read as less than that: a tag can
// be moved, and a registry left out is guessed by others. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::market {

struct ImageReference {
  std::string repository;  // "docker.io/library/busybox"
  std::string digest;      // "sha256:<hex>"
  std::string text() const { return repository + "@" + digest; }
  // "registry.example:5000".
  std::string registry() const { return repository.substr(0, repository.find('/')); }
};

base::Result<ImageReference> parse_reference(std::string_view text);

}  // namespace obelisk::market
