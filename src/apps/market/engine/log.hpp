// What the engine says of its work: words, and which lease they are about, if they are about one.
// It must never be given a key or a whole transaction.
#pragma once

#include <concepts>
#include <functional>
#include <string>

#include "base/public_key.hpp"

namespace obelisk::engine {

class Log {
 public:
  // `lease` is null where the words are about none.
  using Sink = std::function<void(const std::string& words, const base::PublicKey* lease)>;

  Log() = default;
  template <class F>
    requires std::invocable<const F&, const std::string&, const base::PublicKey*>
  Log(F sink) : sink_(std::move(sink)) {}
  // For those who only want the words.
  template <class F>
    requires std::invocable<const F&, const std::string&>
  Log(F sink)
      : sink_([sink = std::move(sink)](const std::string& words, const base::PublicKey*) {
          sink(words);
        }) {}

  void operator()(const std::string& words) const {
    if (sink_) sink_(words, nullptr);
  }
  void operator()(const std::string& words, const base::PublicKey& lease) const {
    if (sink_) sink_(words, &lease);
  }

 private:
  Sink sink_;
};

}  // namespace obelisk::engine
