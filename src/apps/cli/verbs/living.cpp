// obelisk logs, exec: what a lease's first process printed, and one command in it. Both are asked
// for with the wallet's signature, which the lease's host checks itself.
#include <charconv>
#include <cstdio>
#include <thread>

#include "apps/cli/top_text.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_lease.hpp"
#include "base/bytes.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using namespace std::chrono_literals;

constexpr auto kFollowEvery = 2s;
constexpr std::uint32_t kMaxLines = 1000;
constexpr std::uint32_t kMaxExecS = 60;
constexpr std::size_t kMaxInput = 18'000;  // in base64 it fits into a request

base::Result<std::uint32_t> number(const char* flag, const MaybeText& text, std::uint32_t otherwise,
                                   std::uint32_t most) {
  if (!text) return otherwise;
  std::uint32_t out = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (failed == std::errc{} && end == text->data() + text->size() && out >= 1 && out <= most) {
    return out;
  }
  return Error{Code::usage,
               std::string(flag) + " takes a whole number from 1 to " + std::to_string(most) + ".",
               "See obelisk --help"};
}

void print_lines(Output& out, std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

base::Result<std::string> read_input() {
  std::string out;
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;) {
    out.append(buffer, got);
    if (out.size() > kMaxInput) {
      return Error{Code::invalid_input, "exec hands on at most 18 kB of standard input.",
                   "Pipe it through ssh: ... | obelisk ssh LEASE -- CMD"};
    }
  }
  return out;
}

// Byte by byte as the command printed it.
base::Result<void> print_bytes(std::FILE* to, const std::string& base64) {
  const auto bytes = base::from_base64(base64);
  if (!bytes) return Error{Code::unreachable, "The host's answer cannot be read.", "Try again."};
  std::fwrite(bytes->data(), 1, bytes->size(), to);
  std::fflush(to);
  return {};
}

}  // namespace

base::Result<void> logs(Session& session, const LogsOptions& options) {
  TRY(const std::uint32_t tail, number("--tail", options.tail, 100, kMaxLines));
  if (options.follow && session.out().json()) {
    return Error{Code::usage, "--follow prints lines as they come, --json one line at the end.",
                 "Leave one of them out."};
  }
  TRY(const base::PublicKey lease, which_lease(session, options.lease));
  TRY(MarketClient * market, session.market());
  TRY(const auto first, market->logs(lease, tail));
  session.out().result(api::to_json(first));
  print_lines(session.out(), first.text);
  std::string before = first.text;
  while (options.follow) {
    std::this_thread::sleep_for(kFollowEvery);
    // As many as there can be: what comes within two seconds may be more than was asked for.
    const auto next = market->logs(lease, kMaxLines);
    if (!next) {
      if (next.error().code == Code::timeout || next.error().code == Code::unreachable) continue;
      return next.error();
    }
    print_lines(session.out(), fresh_part(before, next->text));
    before = next->text;
  }
  return {};
}

base::Result<void> exec(Session& session, const ExecOptions& options) {
  if (options.terminal) return exec_terminal(session, options);
  if (options.session) {
    return Error{Code::usage, "--session names a terminal to come back to.",
                 "obelisk exec -t LEASE --session ID"};
  }
  TRY(const std::uint32_t timeout_s, number("--timeout", options.timeout, 30, kMaxExecS));
  if (options.command.empty()) {
    return Error{Code::usage, "No command was given.", "obelisk exec LEASE -- nvidia-smi -L"};
  }
  TRY(const base::PublicKey lease, which_lease(session, options.lease));
  api::ExecRequest request;
  request.command = options.command;
  request.timeout_s = timeout_s;
  if (options.input) {
    TRY(const std::string input, read_input());
    request.stdin_base64 = base::to_base64(base::view_of(input));
  }
  TRY(MarketClient * market, session.market());
  TRY(const auto done, market->exec(lease, request));
  session.end_with(static_cast<int>(done.exit_code));
  session.out().result(api::to_json(done));
  if (session.out().json()) return {};
  TRY_VOID(print_bytes(stdout, done.stdout_base64));
  TRY_VOID(print_bytes(stderr, done.stderr_base64));
  if (done.truncated) {
    std::fputs("obelisk: it printed more than 44 KiB; the rest is left out.\n", stderr);
  }
  if (done.timed_out) {
    std::fputs("obelisk: its time was over, and it was killed. --timeout gives it up to 60 s.\n",
               stderr);
  }
  return {};
}

}  // namespace obelisk::cli
