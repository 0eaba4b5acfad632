// CardChecks: what the engine asks about a card that was proven when it was quoted: that it shows
// itself once more before `ready`, by a sample. Calls return at once, from any thread, and call
// nothing of the engine's.
#pragma once

#include <string>

#include "core/lease/record.hpp"

namespace obelisk::engine {

enum class CardCheck { none, waiting, good, wrong };

struct CardSaid {
  CardCheck check = CardCheck::none;  // none: nothing was proven of these cards, nothing is asked
  std::string why;                    // where wrong
};

class CardChecks {
 public:
  virtual ~CardChecks() = default;
  // The host makes this lease's machine now. May come again: a good answer stays.
  virtual void ask(const lease::Quote& quote) = 0;
  virtual CardSaid said(const lease::Quote& quote) = 0;
};

}  // namespace obelisk::engine
