#include "adapters/tunnel/carry.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <vector>

namespace obelisk::tunnel {
namespace {

constexpr std::size_t kBuffer = 128 << 10;
// After so many bytes in one go the others on the lane get their turn.
constexpr std::size_t kTurn = 1 << 20;

// Buffers of one thread that nobody uses just now. Those who wait hold none.
class Buffer {
 public:
  Buffer() {
    auto& spare = Buffer::spare();
    if (!spare.empty()) {
      bytes_ = std::move(spare.back());
      spare.pop_back();
    } else {
      bytes_ = std::make_unique<std::array<std::uint8_t, kBuffer>>();
    }
  }
  ~Buffer() {
    constexpr std::size_t kMostSpare = 16;
    auto& spare = Buffer::spare();
    if (spare.size() < kMostSpare) spare.push_back(std::move(bytes_));
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  std::span<std::uint8_t> space() { return *bytes_; }

 private:
  static std::vector<std::unique_ptr<std::array<std::uint8_t, kBuffer>>>& spare() {
    static thread_local std::vector<std::unique_ptr<std::array<std::uint8_t, kBuffer>>> list;
    return list;
  }
  std::unique_ptr<std::array<std::uint8_t, kBuffer>> bytes_;
};

struct Pair {
  std::shared_ptr<End> first;
  std::shared_ptr<End> second;
  std::shared_ptr<Carried> count;
  std::function<void()> over;
  Share share = 0;
  CarryRules rules;
  int directions = 2;
};

enum class Flow { wait, turn, over, broken };

// What is there now, up to a turn; no more once the other end has kept it waiting.
asio::awaitable<Flow> pass_on(End& from, End& to, std::atomic<std::uint64_t>& count,
                              std::optional<std::uint64_t>& most) {
  Buffer buffer;
  for (std::size_t turn = 0; turn < kTurn;) {
    const auto read = from.try_read(buffer.space());
    if (read == End::kOver) co_return Flow::over;
    if (read == End::kLater) co_return Flow::wait;
    if (read == End::kBroken) co_return Flow::broken;
    const auto size = static_cast<std::size_t>(read);
    if (most && size > *most) co_return Flow::broken;
    if (most) *most -= size;
    const base::ByteView bytes = buffer.space().first(size);
    const auto tried = to.try_write(bytes);
    if (tried == End::kBroken) co_return Flow::broken;
    count.fetch_add(size, std::memory_order_relaxed);
    turn += size;
    const auto written = static_cast<std::size_t>(std::max<std::ptrdiff_t>(tried, 0));
    if (written == size) continue;
    const bool is_written = co_await to.write(bytes.subspan(written));
    co_return is_written ? Flow::turn : Flow::broken;
  }
  co_return Flow::turn;
}

asio::awaitable<void> one_way(std::shared_ptr<Pair> pair, End& from, End& to,
                              std::atomic<std::uint64_t>& count) {
  Turns& turns = Turns::of_this_lane();
  std::optional<std::uint64_t> most;
  if (&from == pair->first.get()) most = pair->rules.most_up;
  for (bool is_on = true; is_on;) {
    co_await turns.next(from.executor(), pair->share);
    const Flow flow = co_await pass_on(from, to, count, most);
    switch (flow) {
      case Flow::wait: is_on = co_await from.readable(); break;
      case Flow::turn: break;
      case Flow::over:
        co_await to.finish_sending();
        if (pair->rules.ends_with_second && &from == pair->second.get()) {
          from.close();
          to.close();
        }
        is_on = false;
        break;
      case Flow::broken:
        from.close();
        to.close();
        is_on = false;
        break;
    }
  }
  if (--pair->directions > 0) co_return;
  pair->first->close();
  pair->second->close();
  if (pair->over) pair->over();
}

}  // namespace

Share share_of(const base::PublicKey& lease) {
  base::Reader reader(lease.view());
  return reader.u64();
}

void carry(asio::io_context& io, Share share, std::shared_ptr<End> first,
           std::shared_ptr<End> second, std::shared_ptr<Carried> count, std::function<void()> over,
           CarryRules rules) {
  first->move_to(io);
  second->move_to(io);
  auto pair = std::make_shared<Pair>(
      Pair{std::move(first), std::move(second), std::move(count), std::move(over), share, rules});
  asio::post(io, [&io, pair] {
    asio::co_spawn(io, one_way(pair, *pair->first, *pair->second, pair->count->up), asio::detached);
    asio::co_spawn(io, one_way(pair, *pair->second, *pair->first, pair->count->down),
                   asio::detached);
  });
}

}  // namespace obelisk::tunnel
