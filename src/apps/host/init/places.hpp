// Where a host's things lie when nobody says otherwise. Pure: the environment is handed in.
#pragma once

#include <filesystem>
#include <string>

namespace obelisk::host {

// Each is empty where it cannot be known: without a home folder.
struct Places {
  std::filesystem::path config;  // the settings
  std::filesystem::path wallet;  // a key that `init` makes
  std::filesystem::path state;
  std::filesystem::path images;
};

// `config_home`: XDG_CONFIG_HOME, which counts where it is absolute. Leases' disks are large, so
// root's lie below /var/lib and not in a home folder.
Places usual_places(const std::string& home, const std::string& config_home, bool is_root);

}  // namespace obelisk::host
