// AnswerStore: what was answered to writes that named an idempotency key, so that the same write
// sent again does nothing twice, over a restart too. It must never be given an answer with a secret
// in it. Calls block and may come from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::ports {

struct AnswerRow {
  std::string caller;  // whose key it is: keys of two callers never meet
  std::string key;
  base::Hash asked;  // of everything that was asked
  int status = 0;
  std::string location;  // the header's value; empty: none
  std::string body;
  base::UnixMillis given_ms = 0;

  bool operator==(const AnswerRow&) const = default;
};

class AnswerStore {
 public:
  virtual ~AnswerStore() = default;

  virtual base::Result<std::optional<AnswerRow>> find(const std::string& caller,
                                                      const std::string& key) = 0;
  // Keeps it, unless an answer is there under that caller and key that was given at
  // `not_before_ms` or later; gives back the one that is kept. Of the caller's answers the newest
  // `most` stay.
  virtual base::Result<AnswerRow> keep(const AnswerRow& row, base::UnixMillis not_before_ms,
                                       std::size_t most) = 0;
  // Forgets those given before then, and all but about the newest `most` of everybody; how many.
  virtual base::Result<std::uint64_t> forget(base::UnixMillis given_before_ms,
                                             std::size_t most) = 0;
};

}  // namespace obelisk::ports
