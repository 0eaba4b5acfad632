#include "adapters/http/detail/outbox.hpp"

#include <utility>

namespace obelisk::http {

Outbox::Outbox(std::size_t max_items, std::size_t max_bytes, std::function<void()> wake)
    : max_items_(max_items), max_bytes_(max_bytes), wake_(std::move(wake)) {}

bool Outbox::push(Piece item) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return false;
  // One item may be larger than the bound, or nothing of its size could ever be sent.
  const bool full =
      items_.size() >= max_items_ || (!items_.empty() && bytes_ + item.bytes.size() > max_bytes_);
  if (full) {
    items_.clear();
    bytes_ = 0;
    abandoned_ = true;
    close_locked("the other side reads too slowly");
    return false;
  }
  bytes_ += item.bytes.size();
  items_.push_back(std::move(item));
  if (wake_) wake_();
  return true;
}

void Outbox::finish(std::string_view reason) {
  const std::scoped_lock lock(mutex_);
  close_locked(reason);
}

void Outbox::abandon(std::string_view reason) {
  const std::scoped_lock lock(mutex_);
  items_.clear();
  bytes_ = 0;
  abandoned_ = true;
  close_locked(reason);
}

void Outbox::detach() {
  const std::scoped_lock lock(mutex_);
  wake_ = nullptr;
}

std::optional<Piece> Outbox::pop() {
  const std::scoped_lock lock(mutex_);
  if (items_.empty()) return std::nullopt;
  Piece item = std::move(items_.front());
  items_.pop_front();
  bytes_ -= item.bytes.size();
  return item;
}

std::size_t Outbox::size() const {
  const std::lock_guard lock(mutex_);
  return items_.size();
}

std::size_t Outbox::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

bool Outbox::closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

bool Outbox::abandoned() const {
  const std::scoped_lock lock(mutex_);
  return abandoned_;
}

std::string Outbox::reason() const {
  const std::scoped_lock lock(mutex_);
  return reason_;
}

void Outbox::close_locked(std::string_view reason) {
  if (!closed_) reason_ = reason;
  closed_ = true;
  if (wake_) wake_();
}

}  // namespace obelisk::http
