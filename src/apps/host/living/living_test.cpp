// What a host says of its leases: figures, logs, commands, and to whom.
#include <gtest/gtest.h>

#include <chrono>

#include "apps/host/living/parts.hpp"
#include "base/bytes.hpp"
#include "core/identity/signed_request.hpp"
#include "ports/containers_testing.hpp"

namespace obelisk::host {
namespace {

using base::Code;

constexpr base::UnixMillis kNowMs = 1'795'000'000'000;

class TestClock final : public ports::Clock {
 public:
  base::UnixMillis now_ms() override { return kNowMs + steady; }
  std::int64_t steady_ms() override { return steady; }
  std::atomic<std::int64_t> steady = 1'000'000;
};

class TestContainers final : public ports::testing::NoContainers {
 public:
  base::Result<ports::Usage> usage(const std::string&) override {
    if (!used) return base::Error{Code::not_found, "no such lease", ""};
    return *used;
  }
  base::Result<std::string> last_output(const std::string&, std::size_t lines) override {
    return "line\x1b of " + std::to_string(lines) + "\n";
  }
  base::Result<ports::CommandEnd> execute(const std::string&, const ports::Command& command,
                                          const std::stop_token& stop) override {
    ++commands;
    while (command.words[0] == "wait" && !stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return ports::CommandEnd{300, command.words[0] + command.input, "\xff", true, false};
  }

  std::optional<ports::Usage> used;
  std::atomic<int> commands = 0;
};

base::PublicKey key(std::uint8_t seed) {
  base::PublicKey out;
  out.bytes.fill(seed);
  return out;
}

class LivingHost : public ::testing::Test {
 protected:
  LivingHost() { clock.steady += 1; }
  std::string path(const std::string& what) const {
    return "/v1/leases/" + lease.to_string() + "/" + what;
  }
  // As the renter, or another, signs it for that market.
  api::SignedCall signed_call(const std::string& method, const std::string& target,
                              const std::string& body, const base::Keypair& wallet,
                              const base::PublicKey& market = key(2)) {
    const identity::Asked asked{method, target, "m.example", market,
                                base::sha256(base::view_of(body))};
    identity::RequestSignature signature{
        wallet.public_key(), clock.now_ms(), identity::new_nonce(), {}};
    signature.signature =
        wallet.sign(base::view_of(identity::text_to_sign(asked, signature.at_ms, signature.nonce)));
    return {method, target, "m.example", base::to_base64(base::view_of(body)),
            identity::authorization_of(signature)};
  }
  api::MarketAsk question(const std::string& what, std::optional<api::SignedCall> call = {}) {
    return {"ask", std::string(32, 'a'), lease, what, {}, std::move(call)};
  }
  api::MarketAsk exec(const std::string& body = R"({"command":["id"],"stdin_base64":"aGk="})") {
    return question("exec", signed_call("POST", path("exec"), body, renter));
  }
  // The answer to it, once it is there.
  api::HostAnswer ask(const api::MarketAsk& what) {
    const std::size_t before = count();
    answerer.asked(what);
    while (count() == before) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::lock_guard lock(mutex);
    EXPECT_LE(said.back().size(), std::size_t{64} << 10);
    const auto out = api::host_answer_from_json(said.back());
    EXPECT_TRUE(out) << said.back();
    return out ? *out : api::HostAnswer{};
  }
  std::string code_of(const api::MarketAsk& what) {
    const auto answer = ask(what);
    return answer.problem ? answer.problem->code : "good";
  }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return said.size();
  }

  const base::PublicKey lease = key(9);
  const base::Keypair renter = base::Keypair::random();
  const base::Keypair owner = base::Keypair::random();
  std::optional<base::UnixSeconds> drained;
  TestClock clock;
  TestContainers containers;
  std::mutex mutex;
  std::vector<std::string> said;
  std::optional<base::PublicKey> open_to = renter.public_key();
  bool connected = true;
  std::vector<LivingLease> living{{lease, 1000, {}}};
  std::function<void(const std::string&)> say = [this](const std::string& message) {
    const std::lock_guard lock(mutex);
    said.push_back(message);
  };
  Sampler sampler{
      {containers, clock, [this] { return living; }, [this] { return connected; }, say}};
  Answerer answerer{
      {key(2), owner.public_key(), containers, clock, sampler,
       [this](const base::PublicKey& of) { return of == lease ? open_to : std::nullopt; }, say,
       [this](std::optional<base::UnixSeconds> from_s) {
         drained = from_s;
         return base::Result<void>();
       }}};
};

TEST_F(LivingHost, ReadingsGrowAndFitIntoAMessage) {
  auto other = question("readings");
  other.lease = key(7);
  EXPECT_EQ(code_of(other), "not_found") << "that is not of this host";
  const auto none_yet = ask(question("readings"));
  ASSERT_TRUE(none_yet.readings) << "it begins: no figure yet is no fault";
  EXPECT_TRUE(none_yet.readings->rows.empty());
  ports::Usage used;
  used.cpu_us = 0;
  used.received_bytes = 0;
  used.sent_bytes = 0;
  used.memory_bytes = 123'456'789'012;
  used.memory_limit_bytes = 1000;
  for (int i = 0; i < 500; ++i) {
    clock.steady += kSampleEveryMs;
    used.cpu_us = *used.cpu_us + 9'000'000;
    containers.used = used;
    sampler.look();
  }
  const auto first = ask(question("readings"));
  ASSERT_TRUE(first.readings);
  EXPECT_EQ(first.readings->lease, lease);
  EXPECT_EQ(first.readings->idle_s, 0u);
  EXPECT_EQ(first.readings->cpu_milli, 1000u);
  EXPECT_EQ(first.readings->memory_limit_bytes, 1000u);
  EXPECT_EQ(first.readings->rows.back().cpu_milli, 900u);
  std::size_t rows = 0;
  api::MarketAsk next = question("readings");
  for (bool more = true; more;) {
    const auto page = ask(next);
    ASSERT_TRUE(page.readings && !page.readings->rows.empty());
    rows += page.readings->rows.size();
    more = page.readings->more;
    next.since_ms = page.readings->rows.back().at_ms;
  }
  EXPECT_GT(rows, kSamplesKept);
  living.clear();
  sampler.look();
  EXPECT_EQ(code_of(question("readings")), "not_found") << "nothing is kept of what is gone";
}

TEST_F(LivingHost, TroublesWaitForTheMarket) {
  ports::Usage used;
  used.disk_bytes = 1'000'000;
  used.disk_used_bytes = 990'000;
  containers.used = used;
  connected = false;
  sampler.look();
  EXPECT_EQ(count(), 0u);
  connected = true;
  sampler.look();
  sampler.look();
  ASSERT_EQ(count(), 1u);
  const auto trouble = api::host_trouble_from_json(said[0]);
  ASSERT_TRUE(trouble);
  EXPECT_EQ(trouble->lease, lease);
  EXPECT_EQ(trouble->kind, "disk_full");
  EXPECT_FALSE(trouble->over);
  EXPECT_NE(trouble->text.find("% full"), std::string::npos);
}

class TestMonitor final : public ports::CardMonitor {
 public:
  base::Result<ports::CardReading> read(const std::string& uuid) override {
    if (uuid != "GPU-1") return base::Error{Code::internal, "no answer", ""};
    return reading;
  }
  base::Result<std::vector<ports::CardEvent>> wait(std::chrono::milliseconds most) override {
    std::vector<ports::CardEvent> out;
    if (!heard.exchange(true)) {
      out = {{"GPU-1", ports::CardEvent::Kind::xid, 79}, {"GPU-9", {}, 79}};
    } else {
      std::this_thread::sleep_for(std::min(most, std::chrono::milliseconds(5)));
    }
    return out;
  }
  ports::CardReading reading;
  std::atomic<bool> heard = false;
};

TEST_F(LivingHost, CardsAreReadAndTheirTroublesToldToTheirLeaseAlone) {
  living = {{lease, 1000, {"GPU-1", "GPU-2"}, {1'000, 2'000}}};
  ports::Usage used;
  used.cpu_us = 0;
  containers.used = used;
  TestMonitor monitor;
  monitor.reading.busy_percent = 98;
  monitor.reading.temperature_c = 61;
  monitor.reading.memory_used_bytes = 900;
  CardEars ears(monitor);
  Sampler with_cards{
      {containers, clock, [this] { return living; }, [] { return true; }, say, &monitor, &ears}};
  with_cards.look();  // what was reported before it is not the lease's
  ears.start();
  while (count() == 0) {
    clock.steady += kSampleEveryMs;
    with_cards.look();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto trouble = api::host_trouble_from_json(said[0]);
  ASSERT_TRUE(trouble);
  EXPECT_EQ(trouble->kind, "xid");
  EXPECT_EQ(trouble->card, "GPU-1");
  EXPECT_NE(trouble->text.find("Xid 79"), std::string::npos);
  const auto readings = with_cards.readings(lease, 0);
  ASSERT_TRUE(readings);
  const auto& cards = readings->rows.back().gpus;
  ASSERT_TRUE(cards);
  ASSERT_EQ(cards->size(), 1u) << "one that does not answer has no figures";
  EXPECT_EQ(cards->front().use_percent, 98u);
  EXPECT_EQ(cards->front().memory_bytes, 1'000u);
  EXPECT_FALSE(readings->idle_s) << "what a card does is not known";
  monitor.reading = {};
  monitor.reading.is_lost = true;
  clock.steady += kSampleEveryMs;
  with_cards.look();
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(api::host_trouble_from_json(said.back())->kind, "card_lost");
}

TEST_F(LivingHost, LogsAreCleanedAndAsManyAsWereSignedFor) {
  const auto logs = ask(question("logs", signed_call("GET", path("logs") + "?tail=7", "", renter)));
  ASSERT_TRUE(logs.logs) << logs.problem->message;
  EXPECT_EQ(logs.logs->text, "line of 7\n");
  EXPECT_EQ(ask(question("logs", signed_call("GET", path("logs"), "", renter))).logs->text,
            "line of 100\n");
  EXPECT_EQ(code_of(question("logs", signed_call("GET", path("logs") + "?tail=1001", "", renter))),
            "invalid_input");
}

TEST_F(LivingHost, ACommandIsTheOneThatWasSigned) {
  const auto done = ask(exec());
  ASSERT_TRUE(done.exec) << done.problem->message;
  EXPECT_EQ(done.exec->stdout_base64, base::to_base64(base::view_of("idhi")));
  EXPECT_EQ(done.exec->stderr_base64, "/w==");
  EXPECT_EQ(done.exec->exit_code, 255u);
  EXPECT_TRUE(done.exec->truncated);
  EXPECT_EQ(code_of(exec("{}")), "invalid_input");
  EXPECT_EQ(code_of(exec(R"({"command":["a"],"stdin_base64":"?"})")), "invalid_input");
}

TEST_F(LivingHost, NothingIsBelievedThatTheRenterDidNotSign) {
  const std::string body = R"({"command":["id"]})";
  EXPECT_EQ(code_of(question("exec")), "unauthorized") << "the market's word alone";
  const auto refused = [&](api::SignedCall call) { return code_of(question("exec", call)); };
  const auto good = signed_call("POST", path("exec"), body, renter);
  api::SignedCall forged = good;
  forged.body_base64 = base::to_base64(base::view_of(R"({"command":["rm"]})"));
  EXPECT_EQ(refused(forged), "unauthorized");
  forged = good;
  forged.host = "other.example";
  EXPECT_EQ(refused(forged), "unauthorized");
  forged = good;
  forged.authorization.back() = 'x';
  EXPECT_EQ(refused(forged), "unauthorized");
  forged = good;
  forged.body_base64 = "?";
  EXPECT_EQ(refused(forged), "unauthorized");
  EXPECT_EQ(refused(signed_call("POST", path("exec"), body, base::Keypair::random())), "forbidden");
  EXPECT_EQ(refused(signed_call("POST", path("exec"), body, renter, key(3))), "unauthorized")
      << "for another market";
  EXPECT_EQ(refused(signed_call("GET", path("logs"), "", renter)), "unauthorized");
  const std::string other = "/v1/leases/" + key(8).to_string() + "/exec";
  EXPECT_EQ(refused(signed_call("POST", other, body, renter)), "unauthorized");
  EXPECT_EQ(refused(signed_call("POST", path("exec") + "/", body, renter)), "unauthorized");
  EXPECT_EQ(containers.commands, 0);
  EXPECT_EQ(refused(good), "good");
  EXPECT_EQ(refused(good), "unauthorized") << "a second time";
  EXPECT_EQ(containers.commands, 1);
}

TEST_F(LivingHost, AnOldCallAndOneOfTheTimeBeforeAreRefused) {
  const auto call = exec();
  clock.steady += kCallWindowMs + 1;
  EXPECT_EQ(code_of(call), "unauthorized");
  const auto ahead = exec();
  clock.steady -= kCallAheadMs + 1;
  EXPECT_EQ(code_of(ahead), "unauthorized");
  SignedCalls calls(key(2), clock.now_ms());
  const auto early = signed_call("GET", path("logs"), "", renter);
  EXPECT_FALSE(calls.take(early, "GET", path("logs"), renter.public_key(), clock.now_ms()))
      << "the process before may have seen it";
}

TEST_F(LivingHost, CallsAreBoundedAndForgottenInTime) {
  SignedCalls calls(key(2), kNowMs);
  const auto take = [&] {
    return calls.take(signed_call("GET", path("logs"), "", renter), "GET", path("logs"),
                      renter.public_key(), clock.now_ms());
  };
  for (std::size_t i = 0; i < kMaxCallsOfAWallet; ++i) ASSERT_TRUE(take());
  EXPECT_EQ(take().error().code, Code::rate_limited);
  clock.steady += kCallWindowMs + 1;
  EXPECT_TRUE(take());
  EXPECT_EQ(calls.size(), 1u);
}

TEST_F(LivingHost, ItsOwnerAlonePlansMaintenance) {
  const std::string there = "/v1/hosts/" + owner.public_key().to_string() + "/maintenance";
  const auto plan = [&](const std::string& method, const std::string& body,
                        const base::Keypair& wallet, const std::string& target) {
    api::MarketAsk out{"ask", std::string(32, 'a'), {}, "maintenance", {}, {}};
    out.call = signed_call(method, target, body, wallet);
    return out;
  };
  const auto from_s = static_cast<std::uint64_t>(clock.now_ms() / 1000 + 3600);
  const std::string body = R"({"from_s":)" + std::to_string(from_s) + "}";
  EXPECT_EQ(code_of(plan("POST", body, renter, there)), "forbidden");
  EXPECT_EQ(code_of(plan("POST", body, owner, path("exec"))), "unauthorized");
  EXPECT_EQ(code_of({"ask", std::string(32, 'a'), {}, "maintenance", {}, {}}), "unauthorized");
  EXPECT_EQ(code_of(plan("POST", R"({"from_s":99999999999})", owner, there)), "invalid_input");
  EXPECT_FALSE(drained);
  const auto said = ask(plan("POST", body, owner, there));
  ASSERT_TRUE(said.maintenance);
  EXPECT_EQ(said.maintenance->host, owner.public_key());
  EXPECT_EQ(said.maintenance->from_s, from_s);
  EXPECT_EQ(drained, static_cast<base::UnixSeconds>(from_s));
  const auto taken_back = ask(plan("DELETE", "", owner, there));
  ASSERT_TRUE(taken_back.maintenance);
  EXPECT_FALSE(taken_back.maintenance->from_s);
  EXPECT_FALSE(drained);
}

TEST_F(LivingHost, OnlyWhileItIsOpenToItsRenter) {
  open_to.reset();
  EXPECT_EQ(code_of(exec()), "not_found");
  EXPECT_EQ(code_of(question("dance")), "unsupported");
}

TEST_F(LivingHost, CommandsUnderWayAreBoundedAndEndWithTheHost) {
  for (std::size_t i = 0; i < kMaxAnswersUnderWay; ++i) {
    answerer.asked(exec(R"({"command":["wait"]})"));
  }
  EXPECT_EQ(code_of(exec()), "rate_limited");
}

TEST(LivingParts, ARenterIsWhoTheTermsNameOnceItIsOpen) {
  LeaseRecord record;
  record.wish = {"lease", key(9), api::Wanted::open, std::string("no terms"), {}, {}};
  const std::vector<api::HostLease> open{{"lease", key(9), api::HostLeaseState::open, {}, {}, {}}};
  EXPECT_FALSE(open_renter({record}, open, key(9))) << "terms that cannot be read";
  EXPECT_FALSE(open_renter({}, open, key(9)));
  EXPECT_FALSE(open_renter({record}, {}, key(9)));
  EXPECT_TRUE(living_leases({record}).empty());
}

}  // namespace
}  // namespace obelisk::host
