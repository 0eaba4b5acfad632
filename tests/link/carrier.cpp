#include "carrier.hpp"

#include <poll.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>

#include "tun.hpp"

namespace obelisk::link {
namespace {

// Packets of one direction that are read before the other has its turn.
constexpr int kAtOnce = 64;
constexpr std::int64_t kNsPerS = 1'000'000'000;

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

boost::json::object to_json(const Shaper& shaper, std::uint64_t refused) {
  const Counters of = shaper.counters();
  return {{"carried", of.carried},           {"carried_bytes", of.carried_bytes},
          {"dropped_loss", of.dropped_loss}, {"dropped_queue", of.dropped_queue},
          {"dropped_cut", of.dropped_cut},   {"dropped_full", of.dropped_full},
          {"reordered", of.reordered},       {"waiting", of.waiting},
          {"latest_us", of.latest_us},       {"refused", refused}};
}

}  // namespace

Carrier::Carrier(Fd a, Fd b, std::uint64_t seed)
    : a_(std::move(a)),
      b_(std::move(b)),
      ways_{Way{&a_, &b_, Shaper(seed, kTunHeaderBytes)},
            Way{&b_, &a_, Shaper(~seed, kTunHeaderBytes)}} {}

std::string Carrier::obey(std::string_view line) {
  const std::string_view who = line.substr(0, line.find(' '));
  if (line == "counters") return counters();
  const bool both = who == "both";
  if (!both && who != "a-to-b" && who != "b-to-a") {
    return "error: a line begins with a-to-b, b-to-a or both, or is `counters`.";
  }
  const std::string_view words = line.substr(who.size());
  std::array<Settings, 2> wanted{ways_[0].shaper.settings(), ways_[1].shaper.settings()};
  const std::size_t first = who == "b-to-a" ? 1 : 0;
  const std::size_t last = who == "a-to-b" ? 0 : 1;
  for (std::size_t i = first; i <= last; ++i) {
    const auto settings = changed(wanted[i], words);
    if (!settings) return "error: " + settings.error().message + " " + settings.error().action;
    wanted[i] = *settings;
  }
  for (std::size_t i = first; i <= last; ++i) ways_[i].shaper.set(wanted[i]);
  return "ok";
}

std::string Carrier::counters() const {
  return boost::json::serialize(
      boost::json::object{{"a_to_b", to_json(ways_[0].shaper, ways_[0].refused)},
                          {"b_to_a", to_json(ways_[1].shaper, ways_[1].refused)}});
}

void Carrier::run() {
  while (true) {
    if (!wait()) return;
    if (has_words_ && !read_lines()) return;
    for (Way& way : ways_) {
      write_due(way);
      read_packets(way);
    }
  }
}

// Until there is something to read or to write. False: there never will be.
bool Carrier::wait() {
  pollfd watched[] = {{a_.get(), POLLIN, 0}, {b_.get(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  timespec left{};
  const timespec* until = nullptr;
  for (const Way& way : ways_) {
    const auto next = way.shaper.next_ns();
    if (!next) continue;
    const std::int64_t left_ns = std::max(*next - now_ns(), std::int64_t{0});
    const timespec of_way{left_ns / kNsPerS, left_ns % kNsPerS};
    if (until != nullptr && left.tv_sec * kNsPerS + left.tv_nsec <= left_ns) continue;
    left = of_way;
    until = &left;
  }
  has_words_ = ::ppoll(watched, std::size(watched), until, nullptr) > 0 && watched[2].revents != 0;
  return ((watched[0].revents | watched[1].revents) & (POLLERR | POLLHUP)) == 0;
}

// False at the end of standard input.
bool Carrier::read_lines() {
  char some[4096];
  const ssize_t count = ::read(STDIN_FILENO, some, sizeof(some));
  if (count <= 0) return false;
  unread_line_.append(some, static_cast<std::size_t>(count));
  while (true) {
    const auto end = unread_line_.find('\n');
    if (end == std::string::npos) return true;
    std::puts(obey(std::string_view(unread_line_).substr(0, end)).c_str());
    std::fflush(stdout);
    unread_line_.erase(0, end + 1);
  }
}

void Carrier::read_packets(Way& way) {
  std::array<std::byte, kTunMostBytes> room;
  for (int i = 0; i < kAtOnce; ++i) {
    const ssize_t count = ::read(way.from->get(), room.data(), room.size());
    if (count <= 0) return;
    const std::span packet(room.data(), static_cast<std::size_t>(count));
    if (way.shaper.offer(packet, now_ns())) write_packet(way, packet);
  }
}

void Carrier::write_due(Way& way) {
  const std::int64_t now = now_ns();
  while (const auto packet = way.shaper.take(now)) write_packet(way, *packet);
}

void Carrier::write_packet(Way& way, std::span<const std::byte> packet) {
  if (::write(way.to->get(), packet.data(), packet.size()) < 0) ++way.refused;
}

}  // namespace obelisk::link
