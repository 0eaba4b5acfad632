#include "adapters/podman/images/pull.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

#include "adapters/podman/disk.hpp"
#include "adapters/podman/files.hpp"
#include "adapters/podman/images/image_store.hpp"
#include "adapters/podman/images/login_seed.hpp"
#include "adapters/podman/images/manifest.hpp"
#include "adapters/podman/layout.hpp"
#include "adapters/podman/process.hpp"
#include "base/crypto.hpp"

namespace obelisk::podman {

namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Error;

constexpr std::chrono::minutes kAskTimeout{1};
constexpr std::chrono::hours kLoadTimeout{6};
constexpr std::chrono::hours kUnpackTimeout{2};
constexpr const char* kWork = ".pulling.";

// Files alone, no link followed; what vanishes meanwhile does not count.
std::uint64_t bytes_in(const std::string& folder) {
  std::uint64_t out = 0;
  std::error_code failed;
  fs::recursive_directory_iterator at(folder, failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    struct stat info{};
    if (::lstat(at->path().c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
      out += static_cast<std::uint64_t>(info.st_size);
    }
  }
  return out;
}

// One at a time in a folder; what a killed one left is swept by the next.
base::Result<UniqueFd> only_one(const std::string& images_dir) {
  UniqueFd lock(::open((images_dir + "/.pull.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return system_error("cannot open the lock in " + images_dir, errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Code::conflict, "Another image is being pulled into " + images_dir + ".",
                 "Wait for it, then pull again."};
  }
  TRY(const auto names, names_in(images_dir));
  for (const std::string& name : names) {
    if (name.starts_with(kWork)) TRY_VOID(remove_tree(images_dir + "/" + name));
  }
  return lock;
}

// A folder that is gone with this.
class WorkFolder {
 public:
  explicit WorkFolder(std::string path) : path_(std::move(path)) {}
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() {
    if (auto gone = remove_tree(path_); !gone) (void)gone;  // the next pull sweeps it
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A program that is killed when we are: one that went on would fill a folder that is being swept.
std::vector<std::string> ends_with_us(std::vector<std::string> argv) {
  argv.insert(argv.begin(), {"setpriv", "--pdeathsig", "KILL"});
  return argv;
}

// What skopeo says of a registry, in its last line, as one of our own errors.
Error registry_error(const std::string& said) {
  const auto has = [&](std::string_view words) { return said.find(words) != said.npos; };
  if (has("manifest unknown") || has("not found") || has("name unknown")) {
    return {Code::not_found, "The registry has no such image.", "Check repository and digest."};
  }
  if (has("unauthorized") || has("denied") || has("authentication required")) {
    return {Code::forbidden, "The registry lets only its own users have that image.",
            "Choose a public one; passwords of registries are not kept here."};
  }
  const std::size_t line = said.find_last_of('\n', said.size() < 2 ? 0 : said.size() - 2);
  std::string last = said.substr(line == said.npos ? 0 : line + 1, 300);
  std::erase_if(last, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return {Code::unreachable, "The registry did not give the image: " + last,
          "Check that this machine reaches the registry, then pull again."};
}

bool is_here(const std::string& registry) {
  for (const std::string host : {"127.0.0.1", "localhost", "[::1]"}) {
    if (registry == host || registry.starts_with(host + ":")) return true;
  }
  return false;
}

class Puller {
 public:
  Puller(const PullRequest& request, std::string work)
      : request_(request), work_(std::move(work)) {}

  base::Result<Image> pull(std::uint64_t& loaded) {
    TRY(const Manifest manifest, look());
    TRY(const std::string config, ask({"inspect", "--config", "--raw", source()}));
    Image out;
    TRY(out.environment, parse_environment(config));
    TRY_VOID(load(manifest));
    loaded = manifest.layer_bytes;
    TRY_VOID(unpack());
    TRY_VOID(check_shell(root()));
    return out;
  }
  std::string root() const { return work_ + "/bundle/rootfs"; }

 private:
  std::string source() const { return "docker://" + request_.reference.repository + "@" + digest_; }

  // skopeo, with what it asks a registry by; never with anybody's passwords.
  base::Result<std::string> skopeo(std::vector<std::string> words,
                                   std::chrono::milliseconds timeout,
                                   std::function<base::Result<void>()> watch) {
    auto argv = ends_with_us({"skopeo", "--override-os", "linux", "--override-arch", "amd64"});
    argv.insert(argv.end(), words.begin(), words.end());
    TRY(Outcome done, run({.argv = std::move(argv),
                           .environment = {"REGISTRY_AUTH_FILE=" + work_ + "/no-passwords"},
                           .input = "",
                           .timeout = timeout,
                           .watch = std::move(watch)}));
    if (done.status == 0) return std::move(done.output);
    return registry_error(done.errors);
  }

  base::Result<std::string> ask(std::vector<std::string> words) {
    if (is_here(request_.reference.registry()))
      words.insert(words.begin() + 1, "--tls-verify=false");
    return skopeo(std::move(words), kAskTimeout, [this] { return still_wanted(); });
  }

  base::Result<void> still_wanted() const {
    if (!request_.stopped || !request_.stopped()) return {};
    return Error{Code::declined, "The pull was stopped.", "Nothing of it is left."};
  }

  // What digest_ names, once it is that.
  base::Result<Manifest> manifest_there() {
    TRY(const std::string text, ask({"inspect", "--raw", source()}));
    if (text.size() > kMaxManifestBytes) {
      return Error{Code::invalid_input, "The image's manifest is larger than 4 MiB.", ""};
    }
    if ("sha256:" + base::to_hex(base::sha256(base::view_of(text)).view()) != digest_) {
      return Error{Code::refused, "The registry gave another image than the one asked for.",
                   "Do not use that registry."};
    }
    return parse_manifest(text);
  }

  base::Result<Manifest> look() {
    say({PullProgress::Step::asking, 0, 0});
    digest_ = request_.reference.digest;
    TRY(Manifest out, manifest_there());
    if (out.instance) {
      digest_ = *out.instance;
      TRY(out, manifest_there());
      if (out.instance) return Error{Code::invalid_input, "The image is an index of indexes.", ""};
    }
    if (out.layer_bytes <= request_.max_bytes) return out;
    return too_large(out.layer_bytes);
  }

  Error too_large(std::uint64_t bytes) const {
    return {Code::invalid_input,
            "The image has " + std::to_string(bytes >> 20) + " MiB or more; " +
                std::to_string(request_.max_bytes >> 20) + " are allowed.",
            "Allow more with --max-gb, or choose a smaller one."};
  }

  base::Result<void> keep_room() const {
    TRY_VOID(still_wanted());
    TRY(const std::uint64_t free, free_bytes(request_.images_dir));
    if (free > request_.reserve_bytes) return {};
    return Error{Code::conflict,
                 "Only " + std::to_string(free >> 20) + " MiB are left on the disk of " +
                     request_.images_dir + ", so the pull was ended.",
                 "Free some space, or remove an image: obelisk-host image remove."};
  }

  base::Result<void> load(const Manifest& manifest) {
    const std::string store = work_ + "/oci";
    std::vector<std::string> words{"copy", "--quiet", source(), "oci:" + store + ":image"};
    if (is_here(request_.reference.registry()))
      words.insert(words.begin() + 1, "--src-tls-verify=false");
    const auto watch = [&]() -> base::Result<void> {
      TRY_VOID(keep_room());
      const std::uint64_t here = bytes_in(store);
      // A registry that sends more than its manifest says is cut off long before the disk is full.
      if (here > manifest.layer_bytes + (64ULL << 20)) return too_large(here);
      say({PullProgress::Step::loading, std::min(here, manifest.layer_bytes),
           manifest.layer_bytes});
      return {};
    };
    TRY_VOID(skopeo(std::move(words), kLoadTimeout, watch));
    say({PullProgress::Step::loading, manifest.layer_bytes, manifest.layer_bytes});
    return {};
  }

  base::Result<void> unpack() {
    TRY(const std::uint64_t before, free_bytes(request_.images_dir));
    const auto watch = [&]() -> base::Result<void> {
      TRY_VOID(keep_room());
      TRY(const std::uint64_t free, free_bytes(request_.images_dir));
      const std::uint64_t used = before > free ? before - free : 0;
      if (used > request_.max_bytes) return too_large(used);
      say({PullProgress::Step::unpacking, used, 0});
      return {};
    };
    TRY_VOID(run_checked({.argv = ends_with_us({"umoci", "unpack", "--image", work_ + "/oci:image",
                                                work_ + "/bundle"}),
                          .input = "",
                          .timeout = kUnpackTimeout,
                          .watch = watch}));
    return {};
  }

  void say(const PullProgress& progress) const {
    if (request_.progress) request_.progress(progress);
  }

  const PullRequest& request_;
  const std::string work_;
  std::string digest_;
};

std::string name_of(const PullRequest& request) {
  constexpr std::size_t kShown = 12;
  if (!request.template_name.empty()) return request.template_name;
  return "oci-" + request.reference.digest.substr(sizeof("sha256:") - 1, kShown);
}

// Durable before it is named: a power cut must not leave a finished name on empty files.
base::Result<void> keep(const std::string& work, const std::string& root, Image& image,
                        const std::string& images_dir) {
  const std::string made = work + "/made";
  TRY_VOID(make_directory(made, 0700));  // what is set-uid in it must not be run on this machine
  if (::rename(root.c_str(), (made + "/rootfs").c_str()) != 0) {
    return system_error("cannot move " + root, errno);
  }
  if (::chmod((made + "/rootfs").c_str(), 0755) != 0) {
    return system_error("cannot open the image to its leases", errno);
  }
  image.size_bytes = bytes_in(made + "/rootfs");
  TRY_VOID(write_file(made + "/image.json", image_text(image), 0644));
  const UniqueFd folder(::open(made.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::syncfs(folder.get()) != 0) {
    return system_error("cannot make the image durable", errno);
  }
  TRY(const std::string directory, image_directory(image.digest));
  image.root = images_dir + "/" + directory + "/rootfs";
  if (::rename(made.c_str(), (images_dir + "/" + directory).c_str()) == 0) return {};
  return system_error("cannot name the image", errno);
}

}  // namespace

base::Result<Pulled> pull_image(const PullRequest& request) {
  Pulled out;
  out.name = name_of(request);
  TRY_VOID(login_tools(request.images_dir));
  TRY(const UniqueFd lock, only_one(request.images_dir));
  if (auto there = image_of(request.images_dir, request.reference.digest)) {
    out.image = *std::move(there);
    out.was_there = true;
    TRY_VOID(offer_image(request.images_dir, out.name, out.image.digest));
    return out;
  }
  for (const char* program : {"skopeo", "umoci"}) {
    if (find_program(program)) continue;
    return Error{Code::missing_dependency, std::string(program) + " is not installed.",
                 "apt-get install skopeo umoci"};
  }
  const WorkFolder work(request.images_dir + "/" + kWork + std::to_string(base::random_u64()));
  TRY_VOID(make_directory(work.path(), 0700));
  TRY_VOID(write_file(work.path() + "/no-passwords", "{}\n", 0600));
  Puller puller(request, work.path());
  TRY(out.image, puller.pull(out.loaded_bytes));
  out.image.digest = request.reference.digest;
  out.image.source = request.reference.text().substr(0, 200);
  out.image.login = Login::mounted;
  out.image.is_for_renters = request.is_for_renter;
  out.image.template_name = request.template_name;
  out.image.title = request.title;
  out.image.start = request.start;
  out.image.ports = request.ports;
  for (const auto& [name, value] : request.environment) out.image.environment[name] = value;
  TRY_VOID(keep(work.path(), puller.root(), out.image, request.images_dir));
  TRY_VOID(offer_image(request.images_dir, out.name, out.image.digest));
  return out;
}

}  // namespace obelisk::podman
