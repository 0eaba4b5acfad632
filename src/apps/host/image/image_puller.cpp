#include "apps/host/image/image_puller.hpp"

#include <algorithm>
#include <chrono>

#include "adapters/podman/images/image_store.hpp"
#include "adapters/podman/images/pull.hpp"
#include "adapters/podman/podman_containers.hpp"

namespace obelisk::host {
namespace {

constexpr std::size_t kMaxWishes = 4;
constexpr std::size_t kMaxBrought = 12;  // a listing has room for 32 images, the owner's first
constexpr std::chrono::milliseconds kTellEvery{500};
constexpr std::chrono::seconds kRoomAgain{2};

api::PullStep step_of(podman::PullProgress::Step step) {
  using Step = podman::PullProgress::Step;
  switch (step) {
    case Step::asking: return api::PullStep::asking;
    case Step::loading: return api::PullStep::loading;
    case Step::unpacking: return api::PullStep::unpacking;
  }
  return api::PullStep::asking;
}

}  // namespace

ImagePuller::ImagePuller(Parts parts) : parts_(std::move(parts)) {
  if (parts_.max_bytes != 0) thread_ = std::thread([this] { work(); });
}

ImagePuller::~ImagePuller() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ImagePuller::tell(const market::ImageReference& reference, api::PullStep step,
                       std::uint64_t done, std::uint64_t all, const std::string& words) {
  api::HostPulling message{"pulling", reference.text(), step, done, all, {}};
  if (!words.empty()) message.message = words.substr(0, 1000);
  parts_.say(api::to_json(message));
}

void ImagePuller::asked(const api::MarketPull& wish) {
  const auto reference = market::parse_reference(wish.reference);
  if (!reference) return parts_.log("The market asked for an image: " + reference.error().message);
  const auto refuse = [&](const std::string& why) {
    tell(*reference, api::PullStep::failed, 0, 0, why);
  };
  if (parts_.max_bytes == 0) return refuse("This host brings no images.");
  if (std::ranges::find(parts_.registries, reference->registry()) == parts_.registries.end()) {
    return refuse("This host brings nothing from " + reference->registry() + ".");
  }
  {
    const std::lock_guard lock(mutex_);
    if (wishes_.size() >= kMaxWishes) return refuse("This host is bringing others.");
    wishes_.push_back(*reference);
  }
  changed_.notify_all();
}

void ImagePuller::work() {
  while (true) {
    market::ImageReference next;
    {
      std::unique_lock lock(mutex_);
      const auto is_called = [this] { return !wishes_.empty() || ending_; };
      while (is_full_ && !changed_.wait_for(lock, kRoomAgain, is_called)) {
        lock.unlock();
        is_full_ = !make_room();
        lock.lock();
      }
      changed_.wait(lock, is_called);
      if (ending_) return;
      next = std::move(wishes_.front());
      wishes_.pop_front();
    }
    pull(next);
  }
}

void ImagePuller::pull(const market::ImageReference& reference) {
  parts_.log("Bringing the image " + reference.text() + " for a renter.");
  podman::PullRequest request;
  request.reference = reference;
  request.images_dir = std::filesystem::absolute(parts_.images_dir).string();
  request.max_bytes = parts_.max_bytes;
  request.reserve_bytes = podman::PodmanOptions{}.reserve_bytes;
  request.is_for_renter = true;
  request.stopped = [this] {
    const std::lock_guard lock(mutex_);
    return ending_;
  };
  auto said = std::chrono::steady_clock::time_point{};
  request.progress = [&](const podman::PullProgress& at) {
    const auto now = std::chrono::steady_clock::now();
    if (now - said < kTellEvery) return;
    said = now;
    tell(reference, step_of(at.step), at.done_bytes, at.all_bytes);
    // Who waits for his turn is told that he is not forgotten.
    const std::lock_guard lock(mutex_);
    for (const auto& waiting : wishes_) tell(waiting, api::PullStep::asking);
  };
  const auto done = podman::pull_image(request);
  if (!done) {
    parts_.log("The image did not come: " + done.error().message + " " + done.error().action);
    // What a renter hears names nothing of this machine.
    const bool is_ours = done.error().code == base::Code::conflict ||
                         done.error().code == base::Code::internal ||
                         done.error().code == base::Code::missing_dependency;
    return tell(reference, api::PullStep::failed, 0, 0,
                is_ours ? "The host could not take it just now." : done.error().message);
  }
  parts_.log("The image " + reference.text() + " is here.");
  tell(reference, api::PullStep::ready, done->image.size_bytes, done->image.size_bytes);
  newest_digest_ = done->image.digest;
  is_full_ = !make_room();
}

bool ImagePuller::make_room() {
  const std::string images_dir = std::filesystem::absolute(parts_.images_dir).string();
  const auto in_use = [state_dir = std::filesystem::absolute(parts_.state_dir).string()] {
    return podman::images_in_use(state_dir);
  };
  const auto residents = podman::resident_images(images_dir);
  if (!residents) return false;
  struct Brought {
    std::filesystem::file_time_type used;
    podman::Resident resident;
  };
  std::vector<Brought> brought;
  std::uint64_t bytes = 0;
  for (const podman::Resident& one : *residents) {
    if (!one.image.is_for_renters) continue;
    std::error_code failed;
    const auto used = std::filesystem::last_write_time(
        std::filesystem::path(one.image.root).parent_path(), failed);
    if (failed) continue;
    brought.push_back({used, one});
    bytes += one.image.size_bytes;
  }
  std::ranges::sort(brought, {}, &Brought::used);
  std::size_t count = brought.size();
  bool is_done = true;
  for (const auto& [used, one] : brought) {
    if (bytes <= parts_.keep_bytes && count <= kMaxBrought) return true;
    if (one.image.digest == newest_digest_) continue;
    if (!podman::remove_image(images_dir, one.name, in_use)) {
      is_done = false;
      continue;
    }
    parts_.log("The image " + one.image.source + " made room.");
    bytes -= std::min(bytes, one.image.size_bytes);
    --count;
  }
  return is_done;
}

}  // namespace obelisk::host
