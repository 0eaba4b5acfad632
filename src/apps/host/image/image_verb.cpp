#include "apps/host/image/image_verb.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <csignal>
#include <cstdio>

#include "adapters/podman/images/image_store.hpp"
#include "adapters/podman/images/pull.hpp"
#include "adapters/podman/podman_containers.hpp"
#include "apps/host/image/template_file.hpp"

namespace obelisk::host {
namespace {

namespace json = boost::json;
using base::Code;
using base::Error;

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kGb = 1'000'000'000;
  constexpr std::uint64_t kMb = 1'000'000;
  if (bytes < kGb) return std::to_string((bytes + kMb - 1) / kMb) + " MB";
  return std::to_string(bytes / kGb) + "." + std::to_string(bytes % kGb / (kGb / 10)) + " GB";
}

json::object to_json(const podman::Resident& one) {
  json::object out{{"name", one.name},
                   {"digest", one.image.digest},
                   {"size_bytes", one.image.size_bytes},
                   {"source", one.image.source},
                   {"title", one.image.title},
                   {"ports", json::array(one.image.ports.begin(), one.image.ports.end())}};
  if (!one.image.template_name.empty()) out["template"] = one.image.template_name;
  return out;
}

base::Result<void> list(const Asked& asked) {
  TRY(const auto images, podman::resident_images(asked.config.images_dir.string()));
  if (asked.json) {
    for (const podman::Resident& one : images) {
      std::printf("%s\n", json::serialize(to_json(one)).c_str());
    }
    return {};
  }
  std::size_t width = 0;
  for (const podman::Resident& one : images) width = std::max(width, one.name.size());
  for (const podman::Resident& one : images) {
    const podman::Image& image = one.image;
    std::printf("%-*s  %s...  %8s  %s\n", static_cast<int>(width), one.name.c_str(),
                image.digest.substr(0, 19).c_str(), size_text(image.size_bytes).c_str(),
                (image.title.empty() ? image.source : image.title).c_str());
  }
  std::printf("A lease starts from %s where its renter names no other.\n",
              images.front().name.c_str());
  return {};
}

// On a terminal one line that changes; else a line for each tenth.
class Progress {
 public:
  void say(const podman::PullProgress& at) {
    using Step = podman::PullProgress::Step;
    std::string words;
    std::uint64_t tenth = 0;
    switch (at.step) {
      case Step::asking: words = "Asking the registry ..."; break;
      case Step::loading:
        tenth = at.all_bytes == 0 ? 0 : at.done_bytes * 10 / at.all_bytes;
        words = "Loading " + size_text(at.done_bytes) + " of " + size_text(at.all_bytes);
        break;
      case Step::unpacking: words = "Unpacking " + size_text(at.done_bytes); break;
    }
    if (terminal_) {
      std::fprintf(stderr, "\r\033[K%s", words.c_str());
    } else if (at.step != step_ || tenth != tenth_) {
      std::fprintf(stderr, "%s\n", words.c_str());
    }
    step_ = at.step;
    tenth_ = tenth;
  }
  ~Progress() {
    if (terminal_) std::fprintf(stderr, "\r\033[K");
  }

 private:
  const bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  std::optional<podman::PullProgress::Step> step_;
  std::uint64_t tenth_ = 0;
};

// main has blocked both in every thread; whoever sent one waits for us to clean up.
bool was_interrupted() {
  sigset_t waiting;
  sigpending(&waiting);
  return sigismember(&waiting, SIGINT) == 1 || sigismember(&waiting, SIGTERM) == 1;
}

base::Result<void> take_template(const std::string& file, podman::PullRequest& request) {
  if (file.empty()) return {};
  TRY(TemplateFile found, read_template(file));
  if (!found.oci.empty() && found.oci != request.reference.repository) {
    return Error{Code::usage,
                 "The template " + found.name + " is for images of " + found.oci + ", not of " +
                     request.reference.repository + ".",
                 "Pull one of those, or leave --template out."};
  }
  request.template_name = std::move(found.name);
  request.title = std::move(found.title);
  request.start = std::move(found.start);
  request.ports = std::move(found.ports);
  request.environment = std::move(found.environment);
  return {};
}

base::Result<void> pull(const Asked& asked) {
  podman::PullRequest request;
  TRY(request.reference, market::parse_reference(asked.image.name));
  TRY_VOID(take_template(asked.image.template_file, request));
  request.images_dir = std::filesystem::absolute(asked.config.images_dir).string();
  request.max_bytes = std::uint64_t{asked.image.max_gb} * 1'000'000'000;
  request.reserve_bytes = podman::PodmanOptions{}.reserve_bytes;
  request.stopped = was_interrupted;
  base::Result<podman::Pulled> done = Error{};
  {
    Progress progress;
    request.progress = [&](const podman::PullProgress& at) { progress.say(at); };
    done = podman::pull_image(request);
  }
  if (!done) return std::move(done).error();
  if (asked.json) {
    json::object out = to_json({done->name, done->image});
    out["loaded_bytes"] = done->loaded_bytes;
    out["was_there"] = done->was_there;
    std::printf("%s\n", json::serialize(out).c_str());
    return {};
  }
  std::printf("%s %s: %s, unpacked %s.\nLeases can start from it now.\n", done->name.c_str(),
              done->was_there ? "was there already" : "is here", done->image.digest.c_str(),
              size_text(done->image.size_bytes).c_str());
  return {};
}

base::Result<void> remove(const Asked& asked) {
  podman::PodmanOptions options;
  options.state_dir = std::filesystem::absolute(asked.config.state_dir).string();
  TRY_VOID(podman::remove_image(std::filesystem::absolute(asked.config.images_dir).string(),
                                asked.image.name,
                                [&] { return podman::images_in_use(options.state_dir); }));
  if (asked.json) {
    std::printf("%s\n", json::serialize(json::object{{"removed", asked.image.name}}).c_str());
  } else {
    std::printf("%s is gone.\n", asked.image.name.c_str());
  }
  return {};
}

}  // namespace

base::Result<void> image(const Asked& asked) {
  const std::string& act = asked.image.act;
  if (act == "list") return list(asked);
  if (asked.image.name.empty()) {
    return Error{Code::usage, "It is not said which image to " + act + ".",
                 act == "pull" ? "For example docker.io/library/busybox@sha256:..."
                               : "See `obelisk-host image list`."};
  }
  return act == "pull" ? pull(asked) : remove(asked);
}

}  // namespace obelisk::host
