// TemplateFile: one file of images/templates, as far as it says what is to run in an image that is
// pulled: title, program, ports, environment. What it says of Debian packages is for images/build.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::host {

struct TemplateFile {
  std::string name;  // the file's, without .toml
  std::string title;
  std::string oci;  // the repository that it is for; empty: any
  std::vector<std::string> start;
  std::vector<std::uint16_t> ports;
  std::map<std::string, std::string> environment;
};

base::Result<TemplateFile> read_template(const std::filesystem::path& file);

}  // namespace obelisk::host
