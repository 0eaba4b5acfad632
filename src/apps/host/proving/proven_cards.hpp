// ProvenCards: the market's words for what it saw proven of this host's cards, kept in
// STATE/proven.json and said with every listing. They are the market's own and it checks them
// again: losing them costs a proof, nothing else.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "api/types.hpp"

namespace obelisk::host {

class ProvenCards {
 public:
  // What an earlier process kept; a damaged file is as good as none.
  ProvenCards(const std::filesystem::path& state_dir, std::function<void(const std::string&)> log);

  // Takes the place of an earlier one of that card; cards that are not `listed` go.
  void put(const api::ProvenCard& card, const api::Listing& listed);
  std::vector<api::ProvenCard> all() const;

 private:
  const std::filesystem::path file_;
  const std::function<void(const std::string&)> log_;
  mutable std::mutex mutex_;
  std::vector<api::ProvenCard> cards_;  // guarded by mutex_
};

}  // namespace obelisk::host
