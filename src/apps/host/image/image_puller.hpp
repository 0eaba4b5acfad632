// Brings images for renters, where this host's owner allows it: from the registries that he named,
// no larger than he said, one after another, and keeps no more of them than he said. What a market
// asks for is a stranger's wish; nothing is paid meanwhile. It must never remove an image that its
// owner pulled or made, nor one that a lease stands on.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "api/types.hpp"
#include "core/market/image_reference.hpp"

namespace obelisk::host {

class ImagePuller {
 public:
  struct Parts {
    std::filesystem::path images_dir;
    std::filesystem::path state_dir;  // its leases keep their images
    std::uint64_t max_bytes = 0;      // 0: none is brought
    std::uint64_t keep_bytes = 0;
    std::vector<std::string> registries;
    std::function<void(const std::string& message)> say;
    std::function<void(const std::string& words)> log;
  };
  explicit ImagePuller(Parts parts);
  // Ends what is under way, which leaves nothing.
  ~ImagePuller();
  ImagePuller(const ImagePuller&) = delete;
  ImagePuller& operator=(const ImagePuller&) = delete;

  // Returns at once.
  void asked(const api::MarketPull& wish);

 private:
  void work();
  void pull(const market::ImageReference& reference);
  // False where an image that a lease stands on left no room: it is tried again later.
  bool make_room();
  void tell(const market::ImageReference& reference, api::PullStep step, std::uint64_t done = 0,
            std::uint64_t all = 0, const std::string& words = "");

  Parts parts_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<market::ImageReference> wishes_;  // guarded by mutex_
  bool ending_ = false;                        // guarded by mutex_
  bool is_full_ = false;                       // the thread's own, as the next
  std::string newest_digest_;                  // somebody is about to rent it
  std::thread thread_;
};

}  // namespace obelisk::host
