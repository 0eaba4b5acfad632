#include "apps/watch/memory.hpp"

#include "adapters/files/files.hpp"

namespace obelisk::watch_app {
namespace {

constexpr std::size_t kMostBytes = 4096;

}  // namespace

base::Result<std::unique_ptr<Memory>> Memory::open(const std::filesystem::path& folder) {
  std::unique_ptr<Memory> out(new Memory(folder));
  if (folder.empty()) return out;
  TRY_VOID(files::make_private_directory(folder));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    // Others are half-written files of a process that was killed.
    if (entry.path().extension() != ".seen") continue;
    TRY(const std::string text, files::read_bounded(entry.path(), kMostBytes));
    auto seen = watch::seen_from(text);
    if (!seen) {
      return base::Error{seen.error().code, entry.path().string() + ": " + seen.error().message,
                         seen.error().action, 0};
    }
    const base::PublicKey lease = seen->lease;
    out->leases_.emplace(lease, *std::move(seen));
  }
  if (error) {
    // An empty memory would take the first machine it finds for the one that was rented.
    return base::Error{base::Code::missing_dependency,
                       "The watch cannot read what it remembers, in " + folder.string() + ": " +
                           error.message() + ".",
                       "Let its user read that folder, and start again.", 0};
  }
  return out;
}

std::filesystem::path Memory::file_of(const base::PublicKey& lease) const {
  return folder_ / (lease.to_string() + ".seen");
}

std::optional<watch::Seen> Memory::find(const base::PublicKey& lease) const {
  const std::lock_guard lock(mutex_);
  const auto at = leases_.find(lease);
  return at == leases_.end() ? std::nullopt : std::optional(at->second);
}

base::Result<void> Memory::change(const watch::Seen& fresh,
                                  const std::function<bool(watch::Seen&)>& apply) {
  const std::lock_guard lock(mutex_);
  const auto at = leases_.find(fresh.lease);
  // Other terms at its address: another quote, of which nothing is known yet.
  const bool is_known = at != leases_.end() && at->second.terms_hash == fresh.terms_hash;
  if (at != leases_.end() && !is_known && at->second.served_slot != 0) {
    return base::Error{base::Code::refused,
                       "The watch knows that address served under other terms.",
                       "Nothing: a nonce is served once.", 0};
  }
  if (at == leases_.end() && leases_.size() >= kMostLeases) {
    return base::Error{base::Code::rate_limited, "The watch remembers too many leases.",
                       "Wait until some of them have ended.", 0};
  }
  watch::Seen changed = is_known ? at->second : fresh;
  const bool keep = apply(changed);
  if ((keep || !is_known) && !folder_.empty()) {
    TRY_VOID(files::write_private(file_of(fresh.lease), watch::to_text(changed)));
  }
  leases_[fresh.lease] = std::move(changed);
  return {};
}

void Memory::change_known(const base::PublicKey& lease,
                          const std::function<void(watch::Seen&)>& change) {
  const std::lock_guard lock(mutex_);
  const auto at = leases_.find(lease);
  if (at != leases_.end()) change(at->second);
}

void Memory::forget(const base::PublicKey& lease) {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  if (!folder_.empty()) std::filesystem::remove(file_of(lease), error);
  leases_.erase(lease);
}

std::vector<watch::Seen> Memory::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<watch::Seen> out;
  out.reserve(leases_.size());
  for (const auto& [lease, seen] : leases_) out.push_back(seen);
  return out;
}

}  // namespace obelisk::watch_app
