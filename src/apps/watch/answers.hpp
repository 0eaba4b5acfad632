// From a line that a market says to the line that it is answered: the desk behind the wire, and the
// same desk behind the ports for who has it in his own process. Neither must ever decide anything.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/watch/desk.hpp"
#include "ports/attestor.hpp"

namespace obelisk::watch_app {

std::string answer_to(Desk& desk, const std::string& line);

// The desk must outlive them.
std::vector<std::unique_ptr<ports::Attestor>> attestors_of(Desk& desk);
std::unique_ptr<ports::Logins> logins_of(Desk& desk);

}  // namespace obelisk::watch_app
