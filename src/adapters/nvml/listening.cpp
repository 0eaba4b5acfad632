#include "adapters/nvml/listening.hpp"

#include <algorithm>

#include "adapters/nvml/instances.hpp"
#include "adapters/nvml/texts.hpp"

namespace obelisk::nvml {
namespace {

constexpr unsigned kNoInstance = ~0U;
// No Xid is near it.
constexpr unsigned long long kMostXid = 100'000;

}  // namespace

Listening::Listening(std::shared_ptr<Library> library, unsigned count)
    : library_(std::move(library)), count_(count) {}

Listening::~Listening() {
  if (set_ != nullptr) library_->event_set_free(set_);
}

Return Listening::begin() {
  const Return code = library_->event_set_create(&set_);
  if (code != kSuccess) return code;
  if (set_ == nullptr) return kUnknown;
  for (unsigned index = 0; index < count_; ++index) add(index);
  return kSuccess;
}

bool Listening::is_of(const std::shared_ptr<Library>& library, unsigned count) const {
  return library_ == library && count_ == count;
}

Return Listening::wait(EventData& event, std::chrono::milliseconds most) {
  return library_->event_set_wait(set_, &event, static_cast<unsigned>(most.count()));
}

// Which of the kinds that we know this card reports.
unsigned long long Listening::kinds_of(Device* card) const {
  constexpr unsigned long long kOurs = kEventXid | kEventEccUncorrected;
  unsigned long long kinds = 0;
  if (library_->supported_events == nullptr) return kOurs;
  return library_->supported_events(card, &kinds) == kSuccess ? kinds & kOurs : 0;
}

void Listening::add(unsigned index) {
  Device* handle = nullptr;
  if (library_->handle(index, &handle) != kSuccess) return;
  Card card;
  card.uuid = text_of(library_->uuid, handle);
  if (!is_card_uuid(card.uuid)) return;
  const unsigned long long kinds = kinds_of(handle);
  const Return code = kinds == 0 ? kNotSupported : library_->register_events(handle, kinds, set_);
  silent_ += code == kNotSupported ? 1 : 0;
  if (code != kSuccess) return;
  if (is_cut(*library_, handle)) {
    for (const Instance& part : instances_of(*library_, handle)) {
      card.parts.push_back({part.uuid, part.gpu_instance, part.compute_instance});
    }
  }
  cards_[handle] = std::move(card);
}

std::vector<std::string> Listening::names_for(const Card& card, const EventData& event) {
  if (card.parts.empty()) return {card.uuid};
  std::vector<std::string> out;
  for (const Part& part : card.parts) {
    const bool is_it =
        part.gpu_instance == event.gpu_instance &&
        (event.compute_instance == kNoInstance || part.compute_instance == event.compute_instance);
    if (is_it) out.push_back(part.uuid);
  }
  if (!out.empty()) return out;
  for (const Part& part : card.parts) out.push_back(part.uuid);
  return out;
}

void Listening::put(const EventData& event, std::vector<ports::CardEvent>& out) const {
  auto card = cards_.find(event.device);
  if (card == cards_.end() && event.device != nullptr) {
    // One card has one handle, as far as is known; by its name it is found in any case.
    const std::string uuid = text_of(library_->uuid, event.device);
    card = std::ranges::find(cards_, uuid, [](const auto& one) { return one.second.uuid; });
  }
  if (card == cards_.end()) return;
  ports::CardEvent one;
  if (event.type == kEventEccUncorrected) {
    one.kind = ports::CardEvent::Kind::ecc_uncorrected;
  } else if (event.type == kEventXid && event.data != 0 && event.data <= kMostXid) {
    one.xid = static_cast<std::uint32_t>(event.data);
  } else {
    return;
  }
  for (const std::string& name : names_for(card->second, event)) {
    one.uuid = name;
    out.push_back(one);
  }
}

}  // namespace obelisk::nvml
