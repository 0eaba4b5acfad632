#include "apps/host/proving/proven_cards.hpp"

#include <algorithm>
#include <sstream>

#include "adapters/files/files.hpp"

namespace obelisk::host {
namespace {

constexpr std::size_t kMaxFile = 64 << 10;
constexpr std::size_t kMaxCards = 64;

}  // namespace

ProvenCards::ProvenCards(const std::filesystem::path& state_dir,
                         std::function<void(const std::string&)> log)
    : file_(state_dir / "proven.json"), log_(std::move(log)) {
  const auto text = files::read_bounded(file_, kMaxFile);
  if (!text) return;
  std::istringstream lines(*text);
  for (std::string line; cards_.size() < kMaxCards && std::getline(lines, line);) {
    if (auto card = api::proven_card_from_json(line)) cards_.push_back(*std::move(card));
  }
}

void ProvenCards::put(const api::ProvenCard& card, const api::Listing& listed) {
  const std::lock_guard lock(mutex_);
  const auto is_listed = [&](const std::string& uuid) {
    return std::ranges::find(listed.cards, uuid, &api::ListedCard::uuid) != listed.cards.end();
  };
  if (!is_listed(card.uuid)) return;
  std::erase_if(cards_, [&](const api::ProvenCard& other) {
    return other.uuid == card.uuid || !is_listed(other.uuid);
  });
  cards_.push_back(card);
  std::string text;
  for (const api::ProvenCard& one : cards_) text += api::to_json(one) + "\n";
  if (const auto done = files::write_private(file_, text); !done) log_(done.error().message);
}

std::vector<api::ProvenCard> ProvenCards::all() const {
  const std::lock_guard lock(mutex_);
  return cards_;
}

}  // namespace obelisk::host
