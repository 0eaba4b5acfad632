// The operator's verbs on the command line: names, flags, help with examples. It must never start
// anything.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <optional>

#include "apps/market/operator/requests.hpp"

namespace obelisk::market_app::operators {

class Declared {
 public:
  // `app` must outlive it.
  explicit Declared(CLI::App& app);
  Declared(const Declared&) = delete;
  Declared& operator=(const Declared&) = delete;
  ~Declared();

  // Nothing where the line asked for none of them.
  base::Result<std::optional<Request>> read(const Environment& environment) const;

 private:
  struct Words;
  std::unique_ptr<Words> words_;
};

}  // namespace obelisk::market_app::operators
