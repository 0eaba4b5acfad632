// Listening: an event set of the library, and the cards that report to it. A card's name is kept
// from the start: once it fell off the bus, it does not say it any more. One thread uses it.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/nvml/library.hpp"
#include "ports/card_monitor.hpp"

namespace obelisk::nvml {

class Listening {
 public:
  // To the first `count` cards. The library must have the functions of events.
  Listening(std::shared_ptr<Library> library, unsigned count);
  ~Listening();
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  Return begin();
  bool is_of(const std::shared_ptr<Library>& library, unsigned count) const;
  // Nobody reports: now, or ever.
  bool is_deaf() const { return cards_.empty(); }
  bool is_for_good() const { return count_ != 0 && silent_ == count_; }

  Return wait(EventData& event, std::chrono::milliseconds most);
  // An event in the words of the port: of a cut card one for the instance it is of, or for each
  // instance where it does not say. None for what we do not know.
  void put(const EventData& event, std::vector<ports::CardEvent>& out) const;

 private:
  struct Part {
    std::string uuid;
    unsigned gpu_instance = 0;
    unsigned compute_instance = 0;
  };
  struct Card {
    std::string uuid;
    std::vector<Part> parts;  // of a cut card
  };

  void add(unsigned index);
  unsigned long long kinds_of(Device* card) const;
  static std::vector<std::string> names_for(const Card& card, const EventData& event);

  std::shared_ptr<Library> library_;
  EventSet* set_ = nullptr;
  unsigned count_ = 0;
  unsigned silent_ = 0;  // of the cards, those that never report
  std::map<Device*, Card> cards_;
};

}  // namespace obelisk::nvml
