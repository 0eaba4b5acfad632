#include "apps/market/engine/subscribers.hpp"

namespace obelisk::engine {

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
    Job job;
    job.joins = listener;
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
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

bool Subscribers::take(Job& job) {
  const std::lock_guard lock(mutex_);
  if (jobs_.empty()) return false;
  job = std::move(jobs_.front());
  jobs_.pop_front();
  return true;
}

void Subscribers::pump() {
  Job job;
  while (take(job)) do_job(job);
}

void Subscribers::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
      if (ending_) return;
    }
    pump();
  }
}

void Subscribers::do_job(const Job& job) {
  if (job.joins) return catch_up(*job.joins);
  std::vector<std::shared_ptr<Listener>> all;
  {
    const std::lock_guard lock(mutex_);
    const auto [first, last] = listeners_.equal_range(job.event.lease);
    for (auto at = first; at != last; ++at) all.push_back(at->second);
  }
  for (const auto& listener : all) {
    const std::lock_guard lock(listener->mutex);
    if (listener->caught_up) deliver(*listener, job.event, job.lease);
  }
}

// A listener that joined hears live events only after this: those published before were written
// before, so they are found here.
void Subscribers::catch_up(Listener& listener) {
  const std::lock_guard lock(listener.mutex);
  listener.caught_up = true;
  const auto record = store_.by_lease(listener.lease);
  if (!record || !*record) return;
  const api::Lease lease = to_api(**record);
  for (;;) {
    const auto events = store_.events_after(listener.lease, listener.seq);
    if (!events || events->empty() || listener.gone) return;
    for (const ports::LeaseEventRow& event : *events) deliver(listener, event, lease);
  }
}

void Subscribers::deliver(Listener& listener, const ports::LeaseEventRow& event,
                          const api::Lease& lease) {
  if (listener.gone || event.seq <= listener.seq) return;
  listener.seq = event.seq;
  listener.callback({event.seq, base::to_rfc3339(event.at_ms), event.kind, event.message, lease});
}

}  // namespace obelisk::engine
