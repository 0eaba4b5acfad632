#include "adapters/nvml/nvml_monitor.hpp"

#include <algorithm>

#include "adapters/nvml/library.hpp"
#include "adapters/nvml/listening.hpp"
#include "adapters/nvml/reading.hpp"
#include "adapters/nvml/texts.hpp"

namespace obelisk::nvml {
namespace {

using base::Code;
using base::Error;

constexpr unsigned kMaxCards = 64;
constexpr std::size_t kMaxEvents = 64;
constexpr std::chrono::milliseconds kLongestWait{60'000};

Error does_not_answer(const std::string& what, Return code) {
  return {Code::missing_dependency,
          "NVIDIA's driver does not answer: " + what + ": " + meaning(code) + ".",
          "Run nvidia-smi and repair what it says."};
}

Error reports_nothing() {
  return {Code::unsupported, "The cards' driver reports no events here.",
          "Cards are still looked at now and then."};
}

// Very old libraries find no card by its name.
Return find_by_scan(const Library& library, const std::string& uuid, Device** out) {
  unsigned count = 0;
  if (Return code = library.count(&count); code != kSuccess) return code;
  for (unsigned index = 0; index < std::min(count, kMaxCards); ++index) {
    Device* card = nullptr;
    if (library.handle(index, &card) != kSuccess || text_of(library.uuid, card) != uuid) continue;
    *out = card;
    return kSuccess;
  }
  return kNotFound;
}

Return find_card(const Library& library, const std::string& uuid, Device** out) {
  return library.handle_by_uuid == nullptr ? find_by_scan(library, uuid, out)
                                           : library.handle_by_uuid(uuid.c_str(), out);
}

}  // namespace

NvmlMonitor::NvmlMonitor(NvmlOptions options) : options_(std::move(options)) {}
NvmlMonitor::~NvmlMonitor() = default;

base::Result<std::shared_ptr<Library>> NvmlMonitor::library() {
  const std::lock_guard guard(mutex_);
  if (!library_) {
    TRY(auto opened, Library::open(options_.library));
    library_ = std::move(opened);
  }
  return library_;
}

void NvmlMonitor::drop_library() {
  const std::lock_guard guard(mutex_);
  library_.reset();
}

base::Result<ports::CardReading> NvmlMonitor::read(const std::string& uuid) {
  const bool is_instance = is_instance_uuid(uuid);
  if (!is_instance && !is_card_uuid(uuid)) {
    return Error{Code::invalid_input, "That is no card's name.",
                 "Use one that nvidia-smi -L says."};
  }
  TRY(const auto library, this->library());
  Device* card = nullptr;
  const Return code = find_card(*library, uuid, &card);
  ports::CardReading gone;
  gone.is_lost = true;
  if (means_lost(code)) return gone;
  if (code != kSuccess) {
    drop_library();
    return does_not_answer("card " + uuid, code);
  }
  Device* whole = card;
  if (is_instance && (library->parent == nullptr || library->parent(card, &whole) != kSuccess)) {
    whole = card;
  }
  return reading_of(*library, whole, card);
}

base::Result<void> NvmlMonitor::listen() {
  const auto opened = this->library();
  if (!opened) {
    const bool is_none = opened.error().code == Code::not_found;
    return is_none ? reports_nothing() : opened.error();
  }
  const Library& library = **opened;
  if (library.event_set_create == nullptr || library.event_set_free == nullptr ||
      library.register_events == nullptr || library.event_set_wait == nullptr) {
    return reports_nothing();
  }
  unsigned count = 0;
  if (Return code = library.count(&count); code != kSuccess) {
    drop_library();
    listening_.reset();
    return does_not_answer("how many cards there are", code);
  }
  // A card that came or went changes who is listened to.
  if (listening_ && listening_->is_of(*opened, std::min(count, kMaxCards))) return {};
  listening_ = std::make_unique<Listening>(*opened, std::min(count, kMaxCards));
  const Return code = listening_->begin();
  if (code == kSuccess) return {};
  listening_.reset();
  return code == kNotSupported ? reports_nothing() : does_not_answer("its events", code);
}

base::Result<std::vector<ports::CardEvent>> NvmlMonitor::wait(std::chrono::milliseconds most) {
  TRY_VOID(listen());
  if (listening_->is_deaf()) {
    const bool is_never = listening_->is_for_good();
    listening_.reset();
    if (is_never) return reports_nothing();
    return Error{Code::not_found, "There is no card that could report.", "Look again later."};
  }
  std::vector<ports::CardEvent> out;
  auto left = std::clamp(most, std::chrono::milliseconds(0), kLongestWait);
  for (std::size_t seen = 0; seen < kMaxEvents; ++seen) {
    EventData event;
    const Return code = listening_->wait(event, left);
    if (code == kTimeout) break;
    if (code != kSuccess) {
      listening_.reset();
      if (!means_lost(code)) drop_library();
      if (!out.empty()) break;
      return does_not_answer("its events", code);
    }
    listening_->put(event, out);
    left = std::chrono::milliseconds(0);
  }
  return out;
}

}  // namespace obelisk::nvml
