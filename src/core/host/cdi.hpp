// Cdi: the text that tells podman what a card is in a container: its device nodes, and the driver's
// own libraries, which must be those of the running driver. Format: the Container Device Interface
// specification, version 0.5.0 (github.com/cncf-tags/container-device-interface, SPEC.md), the
// newest that Debian 12's podman reads. Pure; what is there is found by adapters/podman/cdi. It
// must never name a file that was not found.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obelisk::host {

// A file of the host and where a lease sees it.
struct CdiFile {
  std::string host_path;
  std::string lease_path;
  bool operator==(const CdiFile&) const = default;
};

struct CdiCard {
  std::string uuid;                // the device's name: nvidia.com/gpu=UUID
  std::vector<std::string> nodes;  // of this card alone: /dev/nvidia0
};

struct CdiDriver {
  std::vector<std::string> nodes;  // that every card needs: /dev/nvidiactl, /dev/nvidia-uvm
  std::vector<CdiFile> files;      // libraries and programs, read-only
};

std::string cdi_text(const CdiDriver& driver, const std::vector<CdiCard>& cards);

// Of a specification that somebody else wrote, JSON or YAML: only what is needed to see whether it
// serves. Not a parser: `nvidia-ctk` and we write one value a line or in quotes.
bool cdi_names(std::string_view text, std::string_view uuid);
std::vector<std::string> cdi_host_paths(std::string_view text);

// Whether the driver of this version owns a file of that name, and a lease needs it to compute:
// "libcuda.so.550.54.15", not libnvidia-glcore.so.550.54.15.
bool is_compute_library(std::string_view file_name, std::string_view driver_version);

}  // namespace obelisk::host
