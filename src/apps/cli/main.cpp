// obelisk: rent a card with a wallet. Builds everything and hands it on.
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "adapters/clock/system_clock.hpp"
#include "apps/cli/command_line.hpp"
#include "apps/cli/output.hpp"
#include "apps/cli/session.hpp"

namespace obelisk::cli {
namespace {

OutputOptions output_options(bool json) {
  OutputOptions options;
  options.json = json;
  options.terminal = ::isatty(STDOUT_FILENO) == 1;
  const auto term = process_environment("TERM");
  options.colour = options.terminal && !process_environment("NO_COLOR") && term && *term != "dumb";
  winsize size{};
  if (options.terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.width = size.ws_col;
  }
  return options;
}

int fail(Output& out, const base::Error& error) {
  out.error(error);
  return base::exit_code(error.code);
}

int run(const std::vector<std::string>& arguments) {
  // A reader that has gone (obelisk cards | head) ends a write, not the program.
  std::signal(SIGPIPE, SIG_IGN);
  Output out(stdout, stderr, output_options(wants_json(arguments)));
  const auto line = read_command_line(arguments);
  if (!line) return fail(out, line.error());
  if (!line->verb) {
    std::fputs((line->text + "\n").c_str(), stdout);
    return 0;
  }
  auto settings = read_settings(line->flags, process_environment);
  if (!settings) return fail(out, settings.error());
  clock::SystemClock clock;
  Session session(std::move(settings).value(), out, clock);
  const auto done = line->verb(session);
  return done ? session.exit_code() : fail(out, done.error());
}

}  // namespace
}  // namespace obelisk::cli

int main(int argc, char** argv) {
  try {
    return obelisk::cli::run({argv + 1, argv + argc});
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "bug: %s\n", bug.what());
    return 1;
  }
}
