#include "apps/host/init/places.hpp"

namespace obelisk::host {

Places usual_places(const std::string& home, const std::string& config_home, bool is_root) {
  Places out;
  if (config_home.starts_with('/')) {
    out.config = config_home;
  } else if (!home.empty()) {
    out.config = std::filesystem::path(home) / ".config";
  }
  if (!out.config.empty()) {
    out.wallet = out.config / "obelisk" / "host-wallet.json";
    out.config = out.config / "obelisk" / "host.toml";
  }
  std::filesystem::path data;
  if (is_root) {
    data = "/var/lib/obelisk";
  } else if (!home.empty()) {
    data = std::filesystem::path(home) / ".local/share/obelisk";
  }
  if (!data.empty()) {
    out.state = data / "host";
    out.images = data / "images";
  }
  return out;
}

}  // namespace obelisk::host
