// Xids: the numbers by which NVIDIA's driver reports what went wrong with a card, in words for who
// rents it. Which number means what, and what helps, is from NVIDIA's "Xid Errors" catalogue
// (docs.nvidia.com/deploy/xid-errors); the words are ours. It must never call a card broken for a
// fault that programs cause themselves.
#pragma once

#include <cstdint>
#include <string_view>

namespace obelisk::host {

// Who has to act, the lightest first.
enum class XidWeight : std::uint8_t {
  silent,   // nothing to do, or another number says it
  program,  // the program that ran into it ends; the card goes on
  card,     // the card works badly, or not until it is reset, which only its host can do
  lost,     // the card is gone until the machine restarts
};

struct XidMeaning {
  std::uint32_t xid = 0;
  XidWeight weight = XidWeight::card;
  std::string_view what;  // a part of a sentence: "the card has fallen off the bus"
};

// A number that is not in the table has weight `card` and no words.
XidMeaning meaning_of_xid(std::uint32_t xid);
// What a renter does about it: one sentence, or two.
std::string_view action_for(XidWeight weight);

}  // namespace obelisk::host
