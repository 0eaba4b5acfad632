#include "apps/host/gateways.hpp"

#include "adapters/files/files.hpp"

namespace obelisk::host {
namespace {

std::string joined(const std::vector<std::string>& places) {
  std::string out;
  for (const std::string& place : places) out += (out.empty() ? "" : ",") + place;
  return out;
}

}  // namespace

base::Result<GatewayChoice> gateway_choice_from(const std::string& text) {
  if (text.empty() || text == "market") return GatewayChoice{};
  if (text == "none") return GatewayChoice{false, {}};
  TRY(auto places, tunnel::parse_places(text));
  return GatewayChoice{false, std::move(places)};
}

void Gateways::start() {
  now_ = choice_.places;
  if (choice_.by_market) {
    const auto text = files::read_bounded(file_);
    if (const auto kept = tunnel::parse_places(text ? *text : ""); kept) now_ = *kept;
  }
  if (!now_.empty()) use_(now_);
}

void Gateways::named(const std::vector<std::string>& places) {
  if (!choice_.by_market) return;
  const std::string text = joined(places);
  auto read = tunnel::parse_places(text);
  if (!read) return log_("The market names gateways wrongly: " + read.error().message);
  if (*read == now_) return;
  now_ = *std::move(read);
  if (const auto done = files::write_private(file_, text); !done) log_(done.error().message);
  use_(now_);
}

}  // namespace obelisk::host
