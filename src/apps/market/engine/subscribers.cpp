#include "apps/market/engine/subscribers.hpp"

#include <chrono>

namespace obelisk::engine {
namespace {

// How long somebody waits who could not take an event, or for whom the store had no answer.
constexpr std::chrono::milliseconds kLatePause{200};

}  // namespace

class Subscribers::Handle final : public ports::Subscription {
 public:
  Handle(Subscribers& owner, std::shared_ptr<Listener> listener)
      : owner_(owner), listener_(std::move(listener)) {}
  ~Handle() override {
    owner_.remove(listener_);
    // A callback that runs now is waited for; none comes after it.
    const std::lock_guard lock(listener_->mutex);
    listener_->gone = true;
  }

 private:
  Subscribers& owner_;
  std::shared_ptr<Listener> listener_;
};

Subscribers::~Subscribers() { stop(); }

void Subscribers::start() {
  thread_ = std::thread([this] { run(); });
}

void Subscribers::stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::unique_ptr<ports::Subscription> Subscribers::add(const base::PublicKey& lease,
                                                      std::uint64_t after_seq,
                                                      Leases::EventCallback callback) {
  auto listener = std::make_shared<Listener>();
  listener->seq = after_seq;
  listener->lease = lease;
  listener->callback = std::move(callback);
  {
    const std::lock_guard lock(mutex_);
    listeners_.emplace(lease, listener);
  }
  add_job(listener);
  return std::make_unique<Handle>(*this, std::move(listener));
}

void Subscribers::remove(const std::shared_ptr<Listener>& listener) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = listeners_.equal_range(listener->lease);
  for (auto at = first; at != last; ++at) {
    if (at->second != listener) continue;
    listeners_.erase(at);
    return;
  }
}

void Subscribers::publish(const std::vector<ports::LeaseEventRow>& events,
                          const lease::Record& record) {
  if (events.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (!listeners_.contains(record.quote.lease)) return;
    const api::Lease lease = to_api(record);
    for (const ports::LeaseEventRow& event : events) jobs_.push_back({nullptr, event, lease});
  }
  changed_.notify_all();
}

void Subscribers::publish_written(const base::PublicKey& lease) {
  for (auto& listener : listeners_of(lease)) add_job(std::move(listener));
}

void Subscribers::add_job(std::shared_ptr<Listener> reads) {
  {
    const std::lock_guard lock(mutex_);
    Job job;
    job.reads = std::move(reads);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

void Subscribers::read_later(const std::shared_ptr<Listener>& listener) {
  const std::lock_guard lock(mutex_);
  late_.push_back(listener);
}

void Subscribers::wake_the_late() {
  std::vector<std::shared_ptr<Listener>> late;
  {
    const std::lock_guard lock(mutex_);
    late.swap(late_);
  }
  for (auto& listener : late) add_job(std::move(listener));
}

std::vector<std::shared_ptr<Subscribers::Listener>> Subscribers::listeners_of(
    const base::PublicKey& lease) {
  std::vector<std::shared_ptr<Listener>> out;
  const std::lock_guard lock(mutex_);
  const auto [first, last] = listeners_.equal_range(lease);
  for (auto at = first; at != last; ++at) out.push_back(at->second);
  return out;
}

bool Subscribers::take(Job& job) {
  const std::lock_guard lock(mutex_);
  if (jobs_.empty()) return false;
  job = std::move(jobs_.front());
  jobs_.pop_front();
  return true;
}

void Subscribers::pump() {
  wake_the_late();
  Job job;
  while (take(job)) do_job(job);
}

void Subscribers::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      const auto is_some = [this] { return ending_ || !jobs_.empty(); };
      if (late_.empty()) {
        changed_.wait(lock, is_some);
      } else {
        changed_.wait_for(lock, kLatePause, is_some);
      }
      if (ending_) return;
    }
    Job job;
    if (take(job)) {
      do_job(job);
    } else {
      wake_the_late();
    }
  }
}

void Subscribers::do_job(const Job& job) {
  if (job.reads) {
    switch (read_on(*job.reads)) {
      case Read::all: return;
      case Read::some: return add_job(job.reads);
      case Read::failed: return read_later(job.reads);
    }
  }
  for (const auto& listener : listeners_of(job.event.lease)) {
    const std::lock_guard lock(listener->mutex);
    if (!listener->caught_up || deliver(*listener, job.event, job.lease)) continue;
    listener->caught_up = false;  // it reads this one and what follows from the store
    read_later(listener);
  }
}

// A listener hears live events only after this: those published before were written before, so
// they are found here.
Subscribers::Read Subscribers::read_on(Listener& listener) {
  const std::lock_guard lock(listener.mutex);
  listener.caught_up = false;
  if (listener.gone) return Read::all;
  const auto record = store_.by_lease(listener.lease);
  const auto events = store_.events_after(listener.lease, listener.seq);
  if (!record || !events) return Read::failed;
  if (*record && !events->empty()) {
    const api::Lease lease = to_api(**record);
    for (const ports::LeaseEventRow& event : *events) {
      if (!deliver(listener, event, lease)) return Read::failed;
    }
    return Read::some;
  }
  listener.caught_up = true;
  return Read::all;
}

bool Subscribers::deliver(Listener& listener, const ports::LeaseEventRow& event,
                          const api::Lease& lease) {
  if (listener.gone || event.seq <= listener.seq) return true;
  const Leases::Heard heard = listener.callback(
      {event.seq, base::to_rfc3339(event.at_ms), event.kind, event.message, lease});
  if (heard == Leases::Heard::later) return false;
  if (heard == Leases::Heard::gone) listener.gone = true;
  listener.seq = event.seq;
  return true;
}

}  // namespace obelisk::engine
