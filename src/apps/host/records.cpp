#include "apps/host/records.hpp"

#include <charconv>
#include <sstream>

#include "adapters/files/files.hpp"
#include "core/market/terms.hpp"

namespace obelisk::host {
namespace {

constexpr std::string_view kSuffix = ".lease";
constexpr std::string_view kAttestationSuffix = ".attestation.json";

// Six lines: the wish, the watch's key, the door's port, the attestation or nothing, the slot of
// the opening, and what was sent last: its last valid block height and its bytes, or nothing.
std::string text_of(const LeaseRecord& record) {
  std::string text = api::to_json(record.wish) + "\n" + record.watch_key + "\n" +
                     std::to_string(record.door_port) + "\n";
  if (record.attestation) text += api::to_json(*record.attestation);
  text += "\n" + std::to_string(record.opened_slot) + "\n";
  if (record.sent) {
    text += std::to_string(record.sent->last_valid_block_height) + " " +
            base::to_base64(record.sent->wire);
  }
  return text + "\n";
}

template <class Number>
bool read_number(const std::string& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<solana::Attempt> attempt_of(const std::string& line) {
  const std::size_t space = line.find(' ');
  solana::Attempt out;
  if (space == std::string::npos) return std::nullopt;
  if (!read_number(line.substr(0, space), out.last_valid_block_height)) return std::nullopt;
  auto wire = base::from_base64(std::string_view(line).substr(space + 1));
  if (!wire) return std::nullopt;
  out.wire = *std::move(wire);
  return out;
}

std::optional<LeaseRecord> record_of(const std::string& text) {
  std::istringstream lines(text);
  std::string wish, watch_key, port, attestation, opened_slot;
  if (!std::getline(lines, wish) || !std::getline(lines, watch_key) || !std::getline(lines, port) ||
      !std::getline(lines, attestation) || !std::getline(lines, opened_slot)) {
    return std::nullopt;
  }
  LeaseRecord record;
  auto parsed = api::market_lease_from_json(wish);
  if (!parsed) return std::nullopt;
  record.wish = *std::move(parsed);
  record.watch_key = watch_key;
  if (!read_number(port, record.door_port) || !read_number(opened_slot, record.opened_slot)) {
    return std::nullopt;
  }
  if (!attestation.empty()) {
    auto proof = api::attestation_from_json(attestation);
    if (!proof) return std::nullopt;
    record.attestation = *std::move(proof);
  }
  // A record of before there was this line has none.
  std::string sent;
  if (std::getline(lines, sent) && !sent.empty()) {
    record.sent = attempt_of(sent);
    if (!record.sent) return std::nullopt;
  }
  return record;
}

}  // namespace

Records::Records(std::filesystem::path dir, Before before)
    : dir_(std::move(dir)), before_(std::move(before)) {}

void Records::before(std::string_view what) const {
  if (before_) before_(what);
}

std::filesystem::path Records::path_of(const base::PublicKey& lease) const {
  return dir_ / (lease.to_string() + std::string(kSuffix));
}

std::filesystem::path Records::attestation_path_of(const base::PublicKey& lease) const {
  return dir_ / (lease.to_string() + std::string(kAttestationSuffix));
}

base::Result<void> Records::save(const LeaseRecord& record) {
  before("records.save");
  TRY_VOID(files::make_private_directory(dir_));
  TRY_VOID(files::write_private(path_of(record.wish.lease), text_of(record)));
  return save_attestation(record);
}

// As `obelisk escrow claim --attestation` reads it. The signer is the attestor of the terms: the
// keeper has checked the signature against it.
base::Result<void> Records::save_attestation(const LeaseRecord& record) {
  if (!record.attestation || !record.wish.terms) return {};
  const auto terms = market::read_terms(*record.wish.terms);
  if (!terms) return {};
  const std::string about = "{\"program\":\"" + terms->program.to_string() + "\",\"lease\":\"" +
                            record.wish.lease.to_string() + "\",\"signer\":\"" +
                            terms->attestor.to_string() + "\",";
  before("records.save_attestation");
  return files::write_private(attestation_path_of(record.wish.lease),
                              about + api::to_json(*record.attestation).substr(1) + "\n");
}

void Records::drop_old_attestations() const {
  const auto oldest = std::filesystem::file_time_type::clock::now() - kKeepAttestations;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir_, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(kAttestationSuffix)) continue;
    const auto lease =
        base::PublicKey::parse(name.substr(0, name.size() - kAttestationSuffix.size()));
    if (!lease || std::filesystem::exists(path_of(*lease), error)) continue;
    const auto written = std::filesystem::last_write_time(entry.path(), error);
    if (!error && written < oldest) std::filesystem::remove(entry.path(), error);
  }
}

void Records::forget(const base::PublicKey& lease) {
  before("records.forget");
  std::error_code ignored;  // it may be gone already
  std::filesystem::remove(path_of(lease), ignored);
}

std::map<base::PublicKey, LeaseRecord> Records::load(std::vector<std::string>& damaged) {
  before("records.load");
  drop_old_attestations();
  auto records = look(damaged);
  std::error_code error;
  for (const std::string& file : damaged) std::filesystem::rename(file, file + ".damaged", error);
  return records;
}

std::map<base::PublicKey, LeaseRecord> Records::look(std::vector<std::string>& damaged) const {
  std::map<base::PublicKey, LeaseRecord> records;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir_, error)) {
    if (entry.path().extension() != kSuffix) continue;
    const auto text = files::read_bounded(entry.path());
    const auto record = text ? record_of(*text) : std::nullopt;
    if (record) {
      records[record->wish.lease] = *record;
      continue;
    }
    damaged.push_back(entry.path().string());
  }
  return records;
}

}  // namespace obelisk::host
