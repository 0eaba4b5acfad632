#include "adapters/podman/images/image_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "adapters/podman/files.hpp"
#include "adapters/podman/layout.hpp"
#include "adapters/podman/record.hpp"

namespace obelisk::podman {

namespace {

constexpr std::string_view kFirst = "ssh";
constexpr std::size_t kMaxFacts = 65'536;

base::Error no_image(const std::string& images_dir) {
  return {base::Code::missing_dependency, "There is no lease image in " + images_dir + ".",
          "Make it once (30 s): images/build " + images_dir};
}

std::string links(const std::string& images_dir) { return images_dir + "/resident"; }

base::Result<Image> image_in(const std::string& folder) {
  TRY(const std::string text, read_file(folder + "/image.json", kMaxFacts));
  TRY(Image out, parse_image(text));
  out.root = folder + "/rootfs";
  if (is_directory(out.root)) return out;
  return base::Error{base::Code::not_found, "There is no file system in " + folder + ".",
                     "Make or pull that image again."};
}

// By what its link says, not by what that holds: what is damaged can be removed too.
base::Result<std::string> folder_of(const std::string& images_dir, const std::string& name) {
  std::error_code failed;
  const auto target = std::filesystem::read_symlink(links(images_dir) + "/" + name, failed);
  if (name.find('/') == std::string::npos && !failed) return target.filename().string();
  return base::Error{base::Code::not_found, "There is no image '" + name + "' here.",
                     "See `obelisk-host image list`."};
}

}  // namespace

base::Result<std::vector<Resident>> resident_images(const std::string& images_dir) {
  std::vector<Resident> out;
  TRY(const std::vector<std::string> names, names_in(links(images_dir)));
  for (const std::string& name : names) {
    if (name.starts_with('.')) continue;  // a link that is being replaced
    const auto folder = folder_of(images_dir, name);
    if (!folder) continue;
    if (auto image = image_in(images_dir + "/" + *folder)) out.push_back({name, *std::move(image)});
  }
  if (out.empty()) return no_image(images_dir);
  std::ranges::sort(out, {},
                    [](const Resident& one) { return std::pair(one.name != kFirst, one.name); });
  return out;
}

base::Result<Image> image_of(const std::string& images_dir, const std::string& digest) {
  TRY(const std::string directory, image_directory(digest));
  auto out = image_in(images_dir + "/" + directory);
  if (out) return out;
  return base::Error{base::Code::not_found, "The image " + digest + " is not on this host.",
                     "Make it with images/build, or rent with the host's own image."};
}

base::Result<std::string> login_tools(const std::string& images_dir) {
  std::string folder = images_dir + "/login";
  if (exists(folder + "/sshd") && exists(folder + "/ld.so")) return folder;
  return base::Error{base::Code::missing_dependency,
                     "The sshd for images that bring none is not in " + images_dir + ".",
                     "Make it once (30 s): images/build " + images_dir};
}

base::Result<void> offer_image(const std::string& images_dir, const std::string& name,
                               const std::string& digest) {
  TRY(const std::string directory, image_directory(digest));
  TRY_VOID(make_directory(links(images_dir), 0755));
  const std::string fresh = links(images_dir) + "/." + name + ".new";
  TRY_VOID(remove_file(fresh));
  if (::symlink(("../" + directory).c_str(), fresh.c_str()) != 0) {
    return system_error("cannot make " + fresh, errno);
  }
  if (std::rename(fresh.c_str(), (links(images_dir) + "/" + name).c_str()) == 0) return {};
  return system_error("cannot offer the image " + name, errno);
}

void note_use(const Image& image) {
  const std::string folder = std::filesystem::path(image.root).parent_path().string();
  (void)::utimensat(AT_FDCWD, folder.c_str(), nullptr, 0);
}

base::Result<std::vector<std::string>> images_in_use(const std::string& state_dir) {
  std::vector<std::string> out;
  const std::string leases = make_layout(state_dir, "").leases();
  TRY(const std::vector<std::string> names, names_in(leases));
  for (const std::string& name : names) {
    auto text = read_file(leases + "/" + name + "/record.json");
    if (!text && text.error().code == base::Code::not_found) continue;
    TRY(const LeaseRecord record, text ? parse_record(*text) : std::move(text).error());
    out.push_back(record.spec.image_digest);
  }
  return out;
}

base::Result<void> remove_image(const std::string& images_dir, const std::string& name,
                                const std::vector<std::string>& in_use) {
  TRY(const std::string folder, folder_of(images_dir, name));
  for (const std::string& digest : in_use) {
    const auto used = image_directory(digest);
    if (used && *used == folder) {
      return base::Error{base::Code::conflict, "A lease stands on the image " + name + ".",
                         "Remove it when the lease is over."};
    }
  }
  TRY_VOID(remove_file(links(images_dir) + "/" + name));
  TRY(const std::vector<std::string> others, names_in(links(images_dir)));
  for (const std::string& other : others) {
    const auto same = folder_of(images_dir, other);
    if (same && *same == folder) return {};
  }
  return remove_tree(images_dir + "/" + folder);
}

}  // namespace obelisk::podman
