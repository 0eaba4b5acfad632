#include "core/host/xids.hpp"

#include <algorithm>
#include <array>

namespace obelisk::host {
namespace {

using enum XidWeight;

constexpr std::array kXids{
    XidMeaning{8, program, "the card stopped working on a program"},
    XidMeaning{11, program, "a program sent the card commands that are damaged"},
    XidMeaning{13, program, "a program did what the card does not allow, most often past an array"},
    XidMeaning{14, silent, "somebody tried out how errors are reported"},
    XidMeaning{25, program, "a program sent the card commands that it does not know"},
    XidMeaning{31, program, "a program used memory of the card that is not its own"},
    XidMeaning{32, program, "commands reached the card damaged, most often by its PCIe slot"},
    XidMeaning{37, silent, "the card's firmware was asked for what it does not know"},
    XidMeaning{38, card, "the card's firmware did not answer in time"},
    XidMeaning{39, program, "copying to or from the card failed"},
    XidMeaning{40, program, "copying to or from the card failed"},
    XidMeaning{41, program, "copying to or from the card failed"},
    XidMeaning{43, program, "a program ran into an error of its own; the card is well"},
    XidMeaning{45, silent, "a program was cleaned up after it ended"},
    XidMeaning{46, card, "the card stopped working and waits for a reset"},
    XidMeaning{48, card, "the card's memory had an error that ECC could not correct"},
    XidMeaning{54, card, "a power cable of the card is not connected"},
    XidMeaning{62, card, "the card's own controller stopped"},
    XidMeaning{63, silent, "a weak part of the card's memory was taken out of use"},
    XidMeaning{64, card, "a weak part of the card's memory could not be taken out of use"},
    XidMeaning{68, program, "decoding video on the card failed"},
    XidMeaning{69, program, "a program gave the card a command that it does not know"},
    XidMeaning{74, card, "an NVLink connection to another card failed"},
    XidMeaning{79, lost, "the card has fallen off the bus"},
    XidMeaning{92, card, "the card's memory has many errors that ECC still corrects"},
    XidMeaning{94, program, "a memory error hit one program; others are not touched"},
    XidMeaning{95, card, "a memory error reached more than one program"},
    XidMeaning{106, silent, "a test message"},
    XidMeaning{107, silent, "a test message"},
    XidMeaning{109, card, "the card did not change between programs in time"},
    XidMeaning{110, card, "the card stopped itself for safety"},
    XidMeaning{119, card, "the card's system processor did not answer in time"},
    XidMeaning{120, card, "the card's system processor failed"},
    XidMeaning{137, program, "a program used memory of another card that is not its own"},
    XidMeaning{140, card, "the card's memory had errors that ECC could not correct"},
    XidMeaning{143, card, "the card could not be started"},
    XidMeaning{154, silent, "what helps after another error changed"},
    XidMeaning{158, card, "the card did not answer in time and waits for a reset"},
};

}  // namespace

XidMeaning meaning_of_xid(std::uint32_t xid) {
  const auto found = std::ranges::find(kXids, xid, &XidMeaning::xid);
  return found == kXids.end() ? XidMeaning{xid, card, ""} : *found;
}

std::string_view action_for(XidWeight weight) {
  switch (weight) {
    case silent: return "";
    case program: return "Start your program again; if it comes back, look for an error in it.";
    case card: return "Save your work. If programs fail from now on, end the lease: obelisk stop.";
    case lost: return "Save your work and end the lease: obelisk stop.";
  }
  return "";
}

}  // namespace obelisk::host
