#include "core/trust/image_times.hpp"

#include <algorithm>
#include <tuple>

#include "base/nearest_rank.hpp"

namespace obelisk::trust {
namespace {

struct Waits {
  std::string template_name;
  std::vector<std::uint64_t> ready_s;
  std::vector<std::uint64_t> login_ms;
};

ImageTimes times_of(const std::string& image, Waits waits) {
  std::ranges::sort(waits.ready_s);
  std::ranges::sort(waits.login_ms);
  ImageTimes out;
  out.image = image;
  out.template_name = std::move(waits.template_name);
  out.leases = waits.ready_s.size();
  out.ready_p50_s = base::nearest_rank(waits.ready_s, 50);
  out.ready_p95_s = base::nearest_rank(waits.ready_s, 95);
  if (!waits.login_ms.empty()) {
    out.login_p50_ms = base::nearest_rank(waits.login_ms, 50);
    out.login_p95_ms = base::nearest_rank(waits.login_ms, 95);
  }
  return out;
}

}  // namespace

std::vector<ImageTimes> times_by_image(const std::vector<Outcome>& outcomes,
                                       const std::map<base::PublicKey, ImageClaim>& claims) {
  std::map<std::string, Waits> by_image;
  for (const Outcome& one : outcomes) {
    const auto wait_s = one.wait_s();
    if (!wait_s) continue;
    const auto claim = claims.find(one.lease);
    const bool is_named = claim != claims.end();
    Waits& waits = by_image[is_named ? claim->second.image : ""];
    waits.ready_s.push_back(*wait_s);
    if (!is_named) continue;
    if (waits.template_name.empty()) waits.template_name = claim->second.template_name;
    if (claim->second.login_ms) waits.login_ms.push_back(*claim->second.login_ms);
  }
  std::vector<ImageTimes> out;
  for (auto& [image, waits] : by_image) out.push_back(times_of(image, std::move(waits)));
  std::ranges::sort(out, {}, [](const ImageTimes& one) {
    return std::tuple(one.image.empty(), ~one.leases, one.image);
  });
  return out;
}

}  // namespace obelisk::trust
