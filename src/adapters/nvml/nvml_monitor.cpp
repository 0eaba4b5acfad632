#include "adapters/nvml/nvml_monitor.hpp"

#include <algorithm>

#include "adapters/nvml/library.hpp"
#include "adapters/nvml/reading.hpp"
#include "adapters/nvml/texts.hpp"

namespace obelisk::nvml {
namespace {

using base::Code;
using base::Error;

constexpr unsigned kMaxCards = 64;
constexpr std::size_t kMaxEvents = 64;
constexpr std::chrono::milliseconds kLongestWait{60'000};
// No Xid is near it.
constexpr unsigned long long kMostXid = 100'000;

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

// An event set, and the cards that report to it. A card's name is kept: once it fell off the bus,
// it does not say it any more.
struct NvmlMonitor::Listening {
  explicit Listening(std::shared_ptr<Library> of) : library(std::move(of)) {}
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() {
    if (set != nullptr) library->event_set_free(set);
  }

  // Which of the kinds that we know this card reports.
  unsigned long long kinds_of(Device* card) const {
    constexpr unsigned long long kOurs = kEventXid | kEventEccUncorrected;
    unsigned long long kinds = 0;
    if (library->supported_events == nullptr) return kOurs;
    return library->supported_events(card, &kinds) == kSuccess ? kinds & kOurs : 0;
  }

  void add(unsigned index) {
    Device* card = nullptr;
    if (library->handle(index, &card) != kSuccess) return;
    const std::string uuid = text_of(library->uuid, card);
    if (!is_card_uuid(uuid)) return;
    const unsigned long long kinds = kinds_of(card);
    const Return code = kinds == 0 ? kNotSupported : library->register_events(card, kinds, set);
    if (code == kSuccess) names[card] = uuid;
    silent += code == kNotSupported ? 1 : 0;
  }

  void put(const EventData& event, std::vector<ports::CardEvent>& out) const {
    const auto name = names.find(event.device);
    if (name == names.end()) return;
    if (event.type == kEventEccUncorrected) {
      out.push_back({name->second, ports::CardEvent::Kind::ecc_uncorrected, 0});
    } else if (event.type == kEventXid && event.data != 0 && event.data <= kMostXid) {
      out.push_back(
          {name->second, ports::CardEvent::Kind::xid, static_cast<std::uint32_t>(event.data)});
    }
  }

  std::shared_ptr<Library> library;
  EventSet* set = nullptr;
  unsigned count = 0;   // of the cards when it was made
  unsigned silent = 0;  // of them, those that never report
  std::map<Device*, std::string> names;
};

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
  if (!is_card_uuid(uuid)) {
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
  return reading_of(*library, card);
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
  if (listening_ && listening_->library == *opened && listening_->count == count) return {};
  listening_ = std::make_unique<Listening>(*opened);
  listening_->count = count;
  Return code = library.event_set_create(&listening_->set);
  if (code == kNotSupported) return reports_nothing();
  if (code != kSuccess || listening_->set == nullptr) {
    listening_.reset();
    return does_not_answer("its events", code);
  }
  for (unsigned index = 0; index < std::min(count, kMaxCards); ++index) listening_->add(index);
  return {};
}

base::Result<std::vector<ports::CardEvent>> NvmlMonitor::wait(std::chrono::milliseconds most) {
  TRY_VOID(listen());
  if (listening_->names.empty()) {
    const bool is_never = listening_->count != 0 && listening_->silent == listening_->count;
    listening_.reset();
    if (is_never) return reports_nothing();
    return Error{Code::not_found, "There is no card that could report.", "Look again later."};
  }
  std::vector<ports::CardEvent> out;
  auto left = std::clamp(most, std::chrono::milliseconds(0), kLongestWait);
  for (std::size_t seen = 0; seen < kMaxEvents; ++seen) {
    EventData event;
    const Return code = listening_->library->event_set_wait(listening_->set, &event,
                                                            static_cast<unsigned>(left.count()));
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
