#include "core/market/search/entry.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/nearest_rank.hpp"

namespace obelisk::market::search {
namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// 0 is "does not apply" in the catalogue.
std::uint64_t known(std::uint64_t value) { return value == 0 ? kUnknown : value; }

template <class T>
std::uint64_t known(const std::optional<T>& value) {
  return value ? std::uint64_t{*value} : kUnknown;
}

std::string_view arch_of(const cards::Card& card) {
  // By compute capability, as NVIDIA's CUDA C++ Programming Guide lists them.
  const std::uint32_t capability = card.compute_capability;
  if (capability >= 100) return "blackwell";
  if (capability >= 90) return "hopper";
  if (capability >= 89) return "ada";
  if (capability >= 80) return "ampere";
  return "";
}

std::uint64_t sheet_number(const Entry& entry, Field field) {
  const cards::Card* card = entry.card;
  if (card == nullptr) return kUnknown;
  const std::uint64_t memory = known(card->memory_bytes());
  if (field == Field::vram) return memory;
  if (field == Field::total_vram) {
    return memory == kUnknown ? kUnknown : memory * entry.offer.free.size();
  }
  if (field == Field::bandwidth) return known(card->bandwidth_bytes_per_s());
  if (field == Field::tflops) return known(card->fp16_gflops);
  if (field == Field::total_tflops) {
    const std::uint64_t one = known(card->fp16_gflops);
    return one == kUnknown ? kUnknown : one * entry.offer.free.size();
  }
  if (field == Field::tflops_per_usd) {
    const std::uint64_t price = entry.offer.micro_usd_per_hour;
    if (price == 0 || card->fp16_gflops == 0) return kUnknown;
    return std::uint64_t{card->fp16_gflops} * 1'000'000 / price;
  }
  if (field == Field::capability && card->compute_capability != 0) {
    return version_number(card->compute_capability / 10, card->compute_capability % 10);
  }
  return kUnknown;
}

// Apart by one space, in order: the same images make the same text on every host.
std::string members_text(const Offer& offer, Field field) {
  std::set<std::string> members;
  for (const ListedImage& image : offer.images) {
    members.insert(lowered(field == Field::image ? image.digest : image.template_name));
  }
  members.erase("");
  std::string out;
  for (const std::string& member : members) out += (out.empty() ? "" : " ") + member;
  return out;
}

std::uint64_t cuda_number(std::uint32_t cuda) {
  return cuda == 0 ? kUnknown : version_number(cuda / 1000, cuda % 1000 / 10);
}

}  // namespace

EntryPointer make_entry(Offer offer, const LoginTimes& logins, const Endings& endings) {
  Entry out;
  out.card = cards::find_card(offer.card);
  out.host_text = lowered(offer.host.to_string());
  out.offer = std::move(offer);
  out.logins = logins;
  out.endings = endings;
  return std::make_shared<const Entry>(std::move(out));
}

std::uint64_t number_of(const Entry& entry, Field field) {
  const Offer& offer = entry.offer;
  const LoginTimes& logins = entry.logins;
  switch (field) {
    case Field::gpus: return offer.free.size();
    case Field::listed: return offer.listed;
    case Field::vram:
    case Field::total_vram:
    case Field::bandwidth:
    case Field::tflops:
    case Field::capability:
    case Field::total_tflops:
    case Field::tflops_per_usd: return sheet_number(entry, field);
    case Field::price:
    case Field::sol: return offer.micro_usd_per_hour;
    case Field::traffic_price: return 0;
    case Field::disk_price: return offer.micro_usd_per_gb_month;
    case Field::duration: return std::uint64_t{offer.max_seconds} * 1000;
    case Field::min_duration: return std::uint64_t{offer.min_seconds} * 1000;
    case Field::simulated: return offer.simulated ? 1 : 0;
    case Field::cores: return offer.cpu_milli;
    case Field::ram: return offer.ram_bytes;
    case Field::disk: return offer.disk_bytes_max;
    case Field::driver: return version_number(offer.reported.driver_version);
    case Field::cuda: return cuda_number(offer.reported.cuda_version);
    case Field::pcie: return known(offer.reported.pcie_generation);
    case Field::lanes: return known(offer.reported.pcie_lanes);
    case Field::nvlink: return known(offer.reported.nvlink_links);
    case Field::pulls: return known(offer.pulls_max_bytes);
    case Field::power: return known(offer.reported.power_limit_mw);
    case Field::login_p50: return logins.count == 0 ? kUnknown : logins.p50_ms;
    case Field::login_p95: return logins.count == 0 ? kUnknown : logins.p95_ms;
    case Field::logins: return logins.count;
    case Field::measured_bandwidth: return known(offer.reported.memory_bytes_per_s);
    case Field::pcie_bandwidth: return known(offer.reported.pcie_bytes_per_s);
    case Field::nvlink_bandwidth: return known(offer.reported.nvlink_bytes_per_s);
    case Field::disk_bandwidth: return known(offer.reported.disk_bytes_per_s);
    case Field::download: return known(offer.reported.download_bits_per_s);
    case Field::upload: return known(offer.reported.upload_bits_per_s);
    case Field::reliability: return entry.endings.count == 0 ? kUnknown : entry.endings.kept_bps();
    case Field::proven: return known(proven_bytes(offer));
    case Field::id:
    case Field::host:
    case Field::card:
    case Field::name:
    case Field::arch:
    case Field::region:
    case Field::cpu:
    case Field::image:
    case Field::templates: return kUnknown;
  }
  return kUnknown;
}

std::string text_of(const Entry& entry, Field field) {
  const Offer& offer = entry.offer;
  const cards::Card* card = entry.card;
  if (field == Field::id) return lowered(offer.id);
  if (field == Field::host) return entry.host_text;
  if (field == Field::card) return lowered(offer.card);
  if (field == Field::name) return card == nullptr ? "" : lowered(card->name);
  if (field == Field::arch) return card == nullptr ? "" : std::string(arch_of(*card));
  if (field == Field::region) return lowered(offer.region);
  if (field == Field::cpu) return lowered(offer.reported.cpu_name);
  if (is_set(field)) return members_text(offer, field);
  return {};
}

Place place_of(const Entry& entry, const std::vector<SortKey>& sort) {
  Place out;
  for (const SortKey& key : sort) {
    if (info(key.field).kind == Kind::text) {
      out.parts.push_back({kUnknown, text_of(entry, key.field)});
    } else {
      out.parts.push_back({number_of(entry, key.field), {}});
    }
  }
  out.id = text_of(entry, Field::id);
  return out;
}

bool before(const Place& a, const Place& b, const std::vector<SortKey>& sort) {
  for (std::size_t i = 0; i < sort.size(); ++i) {
    const Place::Part& mine = a.parts[i];
    const Place::Part& other = b.parts[i];
    if (mine == other) continue;
    if (info(sort[i].field).kind == Kind::text) {
      if (mine.text.empty() || other.text.empty()) return other.text.empty();
      return (mine.text < other.text) != sort[i].descending;
    }
    if (mine.number == kUnknown || other.number == kUnknown) return other.number == kUnknown;
    return (mine.number < other.number) != sort[i].descending;
  }
  return a.id < b.id;
}

LoginTimes login_times(std::vector<std::uint32_t> waits_ms) {
  if (waits_ms.empty()) return {};
  std::ranges::sort(waits_ms);
  return {static_cast<std::uint32_t>(waits_ms.size()), base::nearest_rank(waits_ms, 50),
          base::nearest_rank(waits_ms, 95)};
}

}  // namespace obelisk::market::search
