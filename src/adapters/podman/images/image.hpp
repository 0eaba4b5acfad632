// Image: what this host knows of a file system that leases start from. It lies in a folder named
// after its digest, as `rootfs`, with these facts beside it in image.json; both are written once
// and never changed. What an image holds is a stranger's: nothing in it is run on the host, and no
// path in it is followed from outside.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace obelisk::podman {

// Whose sshd lets the renter in.
enum class Login {
  own,      // the image's, which we built
  mounted,  // ours, shown to the lease at /.obelisk: the image may have none
};

struct Image {
  std::string digest;         // "sha256:<hex>"
  std::string template_name;  // empty: from no template
  std::string title;          // one line for people; may be empty
  std::string source;         // "Debian bookworm", or where it was pulled from
  std::uint64_t size_bytes = 0;
  Login login = Login::own;
  std::vector<std::string> start;  // a program that runs beside sshd, in /workspace; may be empty
  std::vector<std::uint16_t> ports;
  std::map<std::string, std::string> environment;
  bool is_for_renters = false;  // brought for one, and so may make room for the next
  std::string root;             // absolute path of the file system; not in the text
};

// The text of image.json, and back; invalid_input where a field is missing or out of its bounds.
std::string image_text(const Image& image);
base::Result<Image> parse_image(std::string_view text);

}  // namespace obelisk::podman
