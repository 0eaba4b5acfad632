#include "apps/host/cards_now.hpp"

namespace obelisk::host {
namespace {

CardNow now_of(const ports::Gpu& card, const ports::CardReading& reading) {
  CardNow out;
  out.uuid = card.uuid;
  out.name = card.name;
  out.parent_uuid = card.parent_uuid;
  out.is_lost = reading.is_lost;
  out.temperature_c = reading.temperature_c;
  out.slowdown_c = reading.slowdown_c;
  if (reading.slowed) out.is_slowed_by_heat = reading.slowed->by_heat;
  out.power_mw = reading.power_mw;
  out.busy_percent = reading.busy_percent;
  out.memory_used_bytes = reading.memory_used_bytes;
  out.ecc_uncorrected = reading.ecc_uncorrected;
  out.ecc_corrected = reading.ecc_corrected;
  out.repair_pending = reading.repair_pending;
  out.repair_failed = reading.repair_failed;
  return out;
}

}  // namespace

std::vector<CardNow> look_at_cards(const std::vector<ports::Gpu>& cards,
                                   ports::CardMonitor& monitor) {
  std::vector<CardNow> out;
  for (const ports::Gpu& card : cards) {
    if (card.is_cut) continue;
    const auto reading = monitor.read(card.uuid);
    out.push_back(now_of(card, reading ? *reading : ports::CardReading{}));
  }
  return out;
}

SeenCard seen_card(const std::string& uuid, const ports::CardReading& reading) {
  SeenCard out;
  out.card = uuid;
  out.is_lost = reading.is_lost;
  if (reading.slowed) out.is_slowed_by_heat = reading.slowed->by_heat;
  out.temperature_c = reading.temperature_c;
  out.slowdown_c = reading.slowdown_c;
  out.ecc_uncorrected = reading.ecc_uncorrected;
  return out;
}

std::vector<SeenXid> seen_xids(const std::vector<ports::CardEvent>& events) {
  std::vector<SeenXid> out;
  for (const ports::CardEvent& event : events) {
    if (event.kind == ports::CardEvent::Kind::xid) out.push_back({event.uuid, event.xid});
  }
  return out;
}

}  // namespace obelisk::host
