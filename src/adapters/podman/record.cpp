#include "adapters/podman/record.hpp"

#include <boost/json.hpp>

#include "base/check.hpp"

namespace obelisk::podman {

namespace json = boost::json;

namespace {

constexpr int kVersion = 1;

std::string_view stage_name(Stage stage) {
  switch (stage) {
    case Stage::preparing: return "preparing";
    case Stage::started: return "started";
    case Stage::wiping: return "wiping";
  }
  CHECK(false);
}

std::optional<Stage> stage_from(std::string_view name) {
  for (Stage stage : {Stage::preparing, Stage::started, Stage::wiping}) {
    if (stage_name(stage) == name) return stage;
  }
  return std::nullopt;
}

std::string text_at(const json::object& object, std::string_view key) {
  return std::string(object.at(json::string_view(key.data(), key.size())).as_string());
}

template <class T>
T number_at(const json::object& object, const char* key) {
  return object.at(key).to_number<T>();
}

// Throws where a field is missing or of another type.
LeaseRecord read(const json::object& object) {
  if (number_at<int>(object, "version") != kVersion) throw std::runtime_error("version");
  LeaseRecord record;
  auto stage = stage_from(text_at(object, "stage"));
  auto address = parse_address(text_at(object, "host_address"));
  auto slot = number_at<std::uint32_t>(object, "slot");
  if (!stage || !address || slot >= kSlots) throw std::runtime_error("value");
  record.stage = *stage;
  record.slot = recorded_slot(slot, *address);
  record.host_key = text_at(object, "host_key");
  record.spec.lease = text_at(object, "lease");
  record.spec.image_digest = text_at(object, "image_digest");
  record.spec.disk_bytes = number_at<std::uint64_t>(object, "disk_bytes");
  record.spec.memory_bytes = number_at<std::uint64_t>(object, "memory_bytes");
  record.spec.cpu_milli = number_at<std::uint32_t>(object, "cpu_milli");
  record.spec.max_processes = number_at<std::uint32_t>(object, "max_processes");
  for (const json::value& uuid : object.at("gpu_uuids").as_array()) {
    record.spec.gpu_uuids.emplace_back(uuid.as_string());
  }
  return record;
}

}  // namespace

std::string record_text(const LeaseRecord& record) {
  json::array uuids;
  for (const std::string& uuid : record.spec.gpu_uuids) uuids.emplace_back(uuid);
  json::object object{{"version", kVersion},
                      {"stage", stage_name(record.stage)},
                      {"lease", record.spec.lease},
                      {"image_digest", record.spec.image_digest},
                      {"gpu_uuids", std::move(uuids)},
                      {"disk_bytes", record.spec.disk_bytes},
                      {"memory_bytes", record.spec.memory_bytes},
                      {"cpu_milli", record.spec.cpu_milli},
                      {"max_processes", record.spec.max_processes},
                      {"slot", record.slot.number},
                      {"host_address", address_text(record.slot.host_address)},
                      {"host_key", record.host_key}};
  return json::serialize(object) + "\n";
}

base::Result<LeaseRecord> parse_record(std::string_view text) {
  try {
    return read(json::parse(json::string_view(text.data(), text.size())).as_object());
  } catch (const std::exception&) {
    return base::Error{base::Code::internal, "A lease's record.json cannot be read.",
                       "It was changed or cut off. `obelisk-host wipe` ends that lease."};
  }
}

}  // namespace obelisk::podman
