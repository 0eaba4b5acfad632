#include "adapters/tunnel/web_door.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "adapters/files/files.hpp"
#include "adapters/http/detail/listen.hpp"
#include "adapters/tunnel/wall_clock.hpp"

namespace obelisk::tunnel {

using base::Code;
using base::Error;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds kAcceptPause{100};
constexpr seconds kFarewell{3};               // for an answer of ours to be taken
constexpr seconds kHeadOnward{10};            // for the host to take what came with the head
constexpr std::size_t kMostUnread = 1 << 20;  // of a visitor who is answered and goes on sending

Trouble trouble_of(const std::optional<Answer>& answer) {
  if (!answer) return Trouble::host_away;
  switch (*answer) {
    case Answer::not_listening: return Trouble::not_listening;
    case Answer::too_many: return Trouble::too_many;
    case Answer::no_pass: return Trouble::bad_pass;
    case Answer::unknown_lease: return Trouble::nobody_here;
    case Answer::here: break;
  }
  return Trouble::host_away;
}

std::string refusal_answer(const Refusal& refusal, const DoorName& door) {
  switch (refusal.why) {
    case Denied::nothing_shown: return trouble_answer(Trouble::no_pass, door);
    case Denied::bad_pass: return trouble_answer(Trouble::bad_pass, door, refusal.words);
    case Denied::other_site: return trouble_answer(Trouble::other_site, door);
    case Denied::bad_target: return trouble_answer(Trouble::bad_target, door);
  }
  return {};
}

}  // namespace

WebDoor::WebDoor(std::shared_ptr<Visiting> visiting, http::IoThreads::Impl& lanes, Gateway::Log log)
    : visiting_(std::move(visiting)),
      io_(lanes.next()),
      acceptor_(io_),
      timer_(io_),
      log_(std::move(log)) {}

base::Result<std::string> WebDoor::start() {
  const WebOptions& chosen = options();
  if (!chosen.certificate_file.empty()) {
    TRY(files_, TlsFiles::open(chosen.certificate_file, chosen.key_file));
  } else {
    TRY(const auto address, http::numeric_address(chosen.address));
    if (!address.is_loopback()) {
      return Error{Code::invalid_input, "Without a certificate the web door is only on loopback.",
                   "Give --certificate and --key, or listen on 127.0.0.1."};
    }
  }
  if (!chosen.kept_file.empty()) {
    const auto text = files::read_bounded(chosen.kept_file);
    if (!text && text.error().code != Code::not_found) return text.error();
    auto kept = PublicPorts::from(text ? *text : PublicPorts().text());
    if (!kept) {
      return Error{
          Code::invalid_input, "What renters said of everybody cannot be read.",
          "Remove " + chosen.kept_file + "; then they say it again: obelisk open --public"};
    }
    public_ = *std::move(kept);
  }
  TRY(const std::uint16_t bound, http::listen(acceptor_, chosen.address, chosen.port));
  asio::co_spawn(io_, accept(shared_from_this()), asio::detached);
  if (is_tls()) asio::co_spawn(io_, look_at_files(shared_from_this()), asio::detached);
  const std::uint16_t told = chosen.told_port != 0 ? chosen.told_port : bound;
  const std::string origin = (is_tls() ? "https://" : "http://") + chosen.domain;
  return told == (is_tls() ? 443 : 80) ? origin : origin + ":" + std::to_string(told);
}

void WebDoor::stop() {
  asio::post(io_, [self = shared_from_this()] {
    self->is_stopping_ = true;
    error_code ignored;
    self->acceptor_.close(ignored);
    self->timer_.cancel();
    for (const auto& [id, stranger] : self->strangers_) {
      if (stranger.end) stranger.end->close();
    }
  });
}

asio::awaitable<void> WebDoor::accept(Self self) {
  asio::steady_timer pause(io_);
  while (!is_stopping_) {
    error_code ec;
    auto socket = co_await acceptor_.async_accept(into(ec));
    if (is_stopping_ || ec == asio::error::operation_aborted) co_return;
    if (ec) {
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(into(ec));
      continue;
    }
    greet(self, std::move(socket));
  }
}

void WebDoor::greet(const Self& self, tcp::socket socket) {
  if (strangers_.size() >= options().max_strangers) return;
  Stranger stranger{nullptr, address_of(socket), ++ids_};
  auto& others = by_address_[block_of(stranger.address)];
  if (others >= options().max_strangers_per_address) return;
  ++others;
  http::keep_private(socket.native_handle());
  stranger.end = std::make_shared<End>(std::move(socket));
  strangers_.emplace(stranger.id, stranger);
  asio::co_spawn(io_, meet(self, std::move(stranger)), asio::detached);
}

// Given up when its last holder goes, on whichever lane.
std::shared_ptr<void> WebDoor::seat_of(const Self& self, const Stranger& stranger) {
  const auto give_up = [self, id = stranger.id, address = block_of(stranger.address)](void*) {
    asio::post(self->io_, [self, id, address] {
      self->strangers_.erase(id);
      const auto at = self->by_address_.find(address);
      if (at != self->by_address_.end() && --at->second == 0) self->by_address_.erase(at);
    });
  };
  return {nullptr, give_up};
}

asio::awaitable<void> WebDoor::meet(Self self, Stranger stranger) {
  const std::shared_ptr<End> end = stranger.end;
  Caller caller{end, stranger.address, {}, {}, {}, seat_of(self, stranger)};
  std::optional<Trouble> trouble;
  {
    const Deadline deadline(end, options().head_time);
    const bool is_met = co_await shake_hands(end);
    auto read = is_met ? co_await hear(end, caller.bytes) : HeadRead(HeadUnfinished{});
    if (auto* head = std::get_if<RequestHead>(&read)) {
      trouble = misses(*end, *head);
      if (!trouble) caller.door = *door_of(*head, options().domain);
      caller.head = std::move(*head);
    } else if (const auto* bad = std::get_if<HeadTrouble>(&read)) {
      trouble = *bad == HeadTrouble::too_large ? Trouble::head_too_large : Trouble::malformed;
    } else {
      end->close();
    }
  }
  if (trouble) co_await say(self, end, trouble_answer(*trouble));
  if (trouble || caller.head.size == 0 || is_stopping_) co_return;
  strangers_[stranger.id].end.reset();
  end->move_to(visiting_->io);
  asio::co_spawn(visiting_->io, enter(self, std::move(caller)), asio::detached);
}

asio::awaitable<bool> WebDoor::shake_hands(std::shared_ptr<End> end) {
  if (!is_tls()) co_return true;
  if (!end->use_tls(files_->tls(), true)) co_return false;
  co_return co_await end->handshake();
}

asio::awaitable<HeadRead> WebDoor::hear(std::shared_ptr<End> end, std::string& bytes) {
  std::array<std::uint8_t, 4096> part{};
  while (true) {
    const auto got = end->try_read(part);
    if (got == End::kLater) {
      const bool is_ready = co_await end->readable();
      if (!is_ready) co_return HeadUnfinished{};
      continue;
    }
    if (got <= 0) co_return HeadUnfinished{};
    bytes.append(reinterpret_cast<const char*>(part.data()), static_cast<std::size_t>(got));
    auto read = read_head(bytes);
    if (!std::holds_alternative<HeadUnfinished>(read)) co_return read;
  }
}

std::optional<Trouble> WebDoor::misses(const End& end, const RequestHead& head) const {
  const auto asked = end.tls() != nullptr ? asked_name(end.tls()) : std::nullopt;
  if (asked && *asked != head.host_name()) return Trouble::misdirected;
  if (!door_of(head, options().domain)) return Trouble::nobody_here;
  return std::nullopt;
}

asio::awaitable<void> WebDoor::look_at_files(Self self) {
  while (!is_stopping_) {
    timer_.expires_after(options().certificate_looks);
    error_code ec;
    co_await timer_.async_wait(into(ec));
    if (is_stopping_) co_return;
    if (const std::string news = files_->look(); !news.empty()) log_(news, nullptr);
  }
}

asio::awaitable<void> WebDoor::enter(Self self, Caller caller) {
  visiting_->ends.adopt(caller.end);
  if (visiting_->is_stopping) co_return;
  const DoorName door = caller.door;
  const auto at = visiting_->routes.find(door.lease);
  std::string answer;
  if (at == visiting_->routes.end()) {
    answer = trouble_answer(Trouble::nobody_here, door);
  } else if (caller.head.method == "POST" && caller.head.target == kPublicTarget) {
    answer = keep_word(*at->second, caller);
  } else {
    const auto route = at->second;
    const EntryGround ground{door, route->renter,
                             public_.everybodys(door.lease, door.port, unix_s()), is_tls(),
                             unix_s()};
    const auto entry = decide_entry(caller.head, ground);
    if (const auto* enters = std::get_if<Enter>(&entry)) {
      const bool is_one = enters->is_for_one_request;
      if (!is_one || make_only(caller)) {
        co_await visit(self, std::move(caller), route, enters->pass);
        co_return;
      }
      co_await say(self, caller.end, trouble_answer(Trouble::length_required, door));
      co_return;
    }
    const auto* redirect = std::get_if<Redirect>(&entry);
    answer = redirect != nullptr ? redirect_answer(*redirect)
                                 : refusal_answer(std::get<Refusal>(entry), door);
  }
  co_await say(self, caller.end, std::move(answer));
}

asio::awaitable<void> WebDoor::visit(Self self, Caller caller, std::shared_ptr<Route> route,
                                     Pass pass) {
  if (!visiting_->admit(*route, Door::web, caller.address)) {
    co_await say(self, caller.end, trouble_answer(Trouble::too_many, caller.door));
    co_return;
  }
  caller.seat.reset();
  const Visit what{caller.door.lease, caller.door.port, pass};
  auto found = co_await visiting_->find_stream(visiting_, route, what, caller.end);
  bool is_passed_on = false;
  if (found.stream) {
    const Deadline deadline(found.stream, kHeadOnward);
    is_passed_on = co_await found.stream->write(base::view_of(caller.bytes));
  }
  if (is_passed_on) {
    visiting_->bytes->up += caller.bytes.size();
    visiting_->join(route, Door::web, caller.address, std::move(caller.end),
                    std::move(found.stream), {.most_up = caller.most_up});
    co_return;
  }
  visiting_->leave(*route, Door::web, caller.address);
  const auto trouble = found.stream ? Trouble::host_away : trouble_of(found.answer);
  const bool is_hosts_no = trouble == Trouble::bad_pass;
  const std::string_view words =
      is_hosts_no ? "The lease's host does not take this pass. Its clock may be wrong." : "";
  co_await say(self, caller.end, trouble_answer(trouble, caller.door, words));
}

// Its request is the only one of its connection: after it nothing is handed on.
bool WebDoor::make_only(Caller& caller) {
  auto one = one_request(caller.bytes, caller.head);
  const std::string_view begun = std::string_view(caller.bytes).substr(caller.head.size);
  if (!one || begun.size() > one->body) return false;
  caller.most_up = one->body - begun.size();
  caller.bytes = std::move(one->head) + std::string(begun);
  return true;
}

std::string WebDoor::keep_word(Route& route, const Caller& caller) {
  const auto text = caller.head.field(kPassField);
  const auto kept = keep_pass(route, caller.door, std::string(text.value_or("")));
  if (kept) return yes_answer("Kept.");
  const auto trouble = kept.error().code == Code::conflict       ? Trouble::conflict
                       : kept.error().code == Code::rate_limited ? Trouble::too_many
                                                                 : Trouble::bad_pass;
  return trouble_answer(trouble, caller.door, kept.error().message);
}

base::Result<void> WebDoor::keep_pass(Route& route, const DoorName& door, const std::string& text) {
  const auto pass = pass_from(text);
  if (!pass || pass->audience == Audience::holder) {
    return Error{Code::unauthorized, "This is no word about everybody.", ""};
  }
  TRY_VOID(check_pass(*pass, door.lease, door.port, route.renter, unix_s()));
  // Each is a write to disk on the lane that decides.
  if (!route.words.take(steady_clock::now())) {
    return Error{Code::rate_limited, "One word a second. Try again in a moment.", ""};
  }
  PublicPorts next = public_;
  TRY_VOID(next.keep(door.lease, door.port, *pass, unix_s(), [&](const base::PublicKey& lease) {
    return visiting_->routes.contains(lease);
  }));
  if (!options().kept_file.empty()) {
    if (auto written = files::write_private(options().kept_file, next.text()); !written) {
      log_(written.error().message, &door.lease);
      return Error{Code::rate_limited, "This gateway could not keep it. Try again.", ""};
    }
  }
  public_ = std::move(next);
  return {};
}

// Then what still comes is read for a moment: who is cut off while sending does not see the answer.
asio::awaitable<void> WebDoor::say(Self self, std::shared_ptr<End> end, std::string answer) {
  const Deadline deadline(end, kFarewell);
  const bool is_said = co_await end->write(base::view_of(answer));
  if (is_said) co_await end->finish_sending();
  std::array<std::uint8_t, 4096> part{};
  for (std::size_t unread = 0; is_said && unread < kMostUnread;) {
    const auto got = end->try_read(part);
    if (got == End::kLater) {
      const bool is_ready = co_await end->readable();
      if (!is_ready) break;
    } else if (got <= 0) {
      break;
    } else {
      unread += static_cast<std::size_t>(got);
    }
  }
  end->close();
}

}  // namespace obelisk::tunnel
