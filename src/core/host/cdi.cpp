#include "core/host/cdi.hpp"

#include <algorithm>
#include <array>

#include "base/canonical_json.hpp"

namespace obelisk::host {
namespace {

using base::CanonicalJson;
using Array = CanonicalJson::Array;
using Object = CanonicalJson::Object;

// Without the rest a lease cannot compute, or not decode and encode video; what draws on a screen
// is left out.
constexpr std::array<std::string_view, 15> kLibraries{"libcuda",
                                                      "libcudadebugger",
                                                      "libnvcuvid",
                                                      "libnvidia-allocator",
                                                      "libnvidia-cfg",
                                                      "libnvidia-encode",
                                                      "libnvidia-gpucomp",
                                                      "libnvidia-ml",
                                                      "libnvidia-nvvm",
                                                      "libnvidia-nvvm70",
                                                      "libnvidia-opencl",
                                                      "libnvidia-opticalflow",
                                                      "libnvidia-pkcs11",
                                                      "libnvidia-pkcs11-openssl3",
                                                      "libnvidia-ptxjitcompiler"};

Array nodes_of(const std::vector<std::string>& nodes) {
  Array out;
  for (const std::string& node : nodes) out.emplace_back(Object{{"path", node}});
  return out;
}

Array mounts_of(const std::vector<CdiFile>& files) {
  Array out;
  for (const CdiFile& file : files) {
    out.emplace_back(Object{{"hostPath", file.host_path},
                            {"containerPath", file.lease_path},
                            {"options", Array{"ro", "nosuid", "nodev", "bind"}}});
  }
  return out;
}

bool is_name_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

// The value behind a key: between quotes, or to the end of the line.
std::string_view value_at(std::string_view rest) {
  const std::size_t first = rest.find_first_not_of(" \t:\"'");
  if (first == std::string_view::npos) return {};
  rest.remove_prefix(first);
  const std::size_t end = rest.find_first_of("\"'\r\n,}");
  rest = rest.substr(0, end);
  while (rest.ends_with(' ')) rest.remove_suffix(1);
  return rest;
}

}  // namespace

std::string cdi_text(const CdiDriver& driver, const std::vector<CdiCard>& cards) {
  Array devices;
  for (const CdiCard& card : cards) {
    devices.emplace_back(Object{{"name", card.uuid},
                                {"containerEdits", Object{{"deviceNodes", nodes_of(card.nodes)}}}});
  }
  return CanonicalJson(
             Object{{"cdiVersion", "0.5.0"},
                    {"kind", "nvidia.com/gpu"},
                    {"devices", std::move(devices)},
                    {"containerEdits", Object{{"env", Array{"NVIDIA_VISIBLE_DEVICES=void"}},
                                              {"deviceNodes", nodes_of(driver.nodes)},
                                              {"mounts", mounts_of(driver.files)}}}})
      .text();
}

bool cdi_names(std::string_view text, std::string_view uuid) {
  for (std::size_t at = text.find(uuid); at != std::string_view::npos;
       at = text.find(uuid, at + 1)) {
    const std::size_t end = at + uuid.size();
    const bool whole = (at == 0 || !is_name_letter(text[at - 1])) &&
                       (end == text.size() || !is_name_letter(text[end]));
    // As a device's name and not within a path or a comment.
    const std::size_t name = text.rfind("name", at);
    if (whole && name != std::string_view::npos && at - name <= 10) return true;
  }
  return false;
}

std::vector<std::string> cdi_host_paths(std::string_view text) {
  constexpr std::string_view kKey = "hostPath";
  constexpr std::size_t kMost = 10'000;
  std::vector<std::string> out;
  for (std::size_t at = text.find(kKey); at != std::string_view::npos && out.size() < kMost;
       at = text.find(kKey, at + 1)) {
    const std::string_view value = value_at(text.substr(at + kKey.size()));
    if (value.starts_with('/')) out.emplace_back(value);
  }
  return out;
}

bool is_compute_library(std::string_view file_name, std::string_view driver_version) {
  constexpr std::string_view kMiddle = ".so.";
  const std::size_t middle = file_name.find(kMiddle);
  if (middle == std::string_view::npos || driver_version.empty()) return false;
  return file_name.substr(middle + kMiddle.size()) == driver_version &&
         std::ranges::find(kLibraries, file_name.substr(0, middle)) != kLibraries.end();
}

}  // namespace obelisk::host
