#include "base/error.hpp"

#include <array>

namespace obelisk::base {
namespace {

struct Row {
  Code code;
  std::string_view name;
  int exit_code;
  int http_status;
};

// Exit codes are those of docs/contract.md; statuses are the nearest of RFC 9110.
constexpr std::array kRows{
    Row{Code::internal, "internal", 1, 500},
    Row{Code::usage, "usage", 2, 400},
    Row{Code::invalid_input, "invalid_input", 2, 422},
    Row{Code::declined, "declined", 3, 400},
    Row{Code::insufficient_funds, "insufficient_funds", 4, 402},
    Row{Code::not_found, "not_found", 5, 404},
    Row{Code::expired, "expired", 5, 410},
    Row{Code::conflict, "conflict", 5, 409},
    Row{Code::unauthorized, "unauthorized", 2, 401},
    Row{Code::forbidden, "forbidden", 2, 403},
    Row{Code::unreachable, "unreachable", 6, 502},
    Row{Code::timeout, "timeout", 6, 504},
    Row{Code::rate_limited, "rate_limited", 6, 429},
    Row{Code::refunded, "refunded", 7, 409},
    Row{Code::refused, "refused", 2, 422},
    Row{Code::rejected_on_chain, "rejected_on_chain", 2, 422},
    Row{Code::missing_dependency, "missing_dependency", 8, 503},
    Row{Code::unsupported, "unsupported", 2, 501},
};

const Row& row(Code code) {
  for (const Row& candidate : kRows) {
    if (candidate.code == code) return candidate;
  }
  return kRows.front();
}

}  // namespace

std::string_view code_name(Code code) { return row(code).name; }
int exit_code(Code code) { return row(code).exit_code; }
int http_status(Code code) { return row(code).http_status; }

Code code_from_name(std::string_view name) {
  for (const Row& candidate : kRows) {
    if (candidate.name == name) return candidate.code;
  }
  return Code::internal;
}

}  // namespace obelisk::base
