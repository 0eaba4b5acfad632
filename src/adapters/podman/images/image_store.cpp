#include "adapters/podman/images/image_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <tuple>

#include "adapters/podman/files.hpp"
#include "adapters/podman/layout.hpp"
#include "adapters/podman/record.hpp"
#include "base/crypto.hpp"

namespace obelisk::podman {

namespace {

constexpr std::string_view kFirst = "ssh";
constexpr std::size_t kMaxFacts = 65'536;
constexpr std::string_view kFolderPrefix = "sha256-";

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
  const std::string folder = target.filename().string();
  const bool is_image = folder.starts_with(kFolderPrefix) &&
                        image_directory("sha256:" + folder.substr(kFolderPrefix.size())).ok();
  if (name.find('/') == std::string::npos && !failed && is_image) return folder;
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
  std::ranges::sort(out, {}, [](const Resident& one) {
    return std::tuple(one.name != kFirst, one.image.is_for_renters, one.name);
  });
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

base::Result<UniqueFd> lock_images(const std::string& images_dir) {
  UniqueFd lock(::open((images_dir + "/.pull.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return system_error("cannot open the lock in " + images_dir, errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  return base::Error{base::Code::conflict,
                     "Another image is being pulled into " + images_dir + ", or removed.",
                     "Wait for that, then try again."};
}

base::Result<void> remove_image(const std::string& images_dir, const std::string& name,
                                const InUse& in_use) {
  TRY(const UniqueFd lock, lock_images(images_dir));
  TRY(const std::string folder, folder_of(images_dir, name));
  const auto check = [&]() -> base::Result<void> {
    TRY(const std::vector<std::string> digests, in_use());
    const bool used = std::ranges::any_of(digests, [&](const std::string& digest) {
      const auto directory = image_directory(digest);
      return directory && *directory == folder;
    });
    if (!used) return {};
    return base::Error{base::Code::conflict, "A lease stands on the image " + name + ".",
                       "Remove it when the lease is over."};
  };
  TRY_VOID(check());
  TRY_VOID(remove_file(links(images_dir) + "/" + name));
  TRY(const std::vector<std::string> others, names_in(links(images_dir)));
  for (const std::string& other : others) {
    const auto same = folder_of(images_dir, other);
    if (same && *same == folder) return {};
  }
  // Whole or gone, under its own name: a power cut leaves nothing that looks like an image.
  const std::string place = images_dir + "/" + folder;
  const std::string aside =
      images_dir + "/" + kWorkPrefix + "gone-" + std::to_string(base::random_u64());
  if (std::rename(place.c_str(), aside.c_str()) != 0) {
    return errno == ENOENT ? base::Result<void>() : system_error("cannot move " + place, errno);
  }
  if (auto still = check(); !still) {
    if (std::rename(aside.c_str(), place.c_str()) != 0) {
      return system_error("cannot move back " + place, errno);
    }
    TRY_VOID(offer_image(images_dir, name, "sha256:" + folder.substr(kFolderPrefix.size())));
    return still;
  }
  return remove_tree(aside);
}

}  // namespace obelisk::podman
