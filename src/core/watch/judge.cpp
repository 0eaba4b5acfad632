#include <algorithm>
#include <vector>

#include "base/crypto.hpp"
#include "core/watch/login.hpp"

namespace obelisk::watch {
namespace {

using lease::LoginProblem;

// The first value of a "name=value" line, and all of them.
std::vector<std::string> values(std::string_view output, std::string_view name) {
  std::vector<std::string> out;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    std::string_view line = output.substr(0, end);
    output.remove_prefix(std::min(end + 1, output.size()));
    if (!line.starts_with(name) || line.substr(name.size(), 1) != "=") continue;
    line.remove_prefix(name.size() + 1);
    // As listings are cleaned: printable ASCII, no blanks around.
    std::string value;
    for (const char c : line) {
      if (c >= 0x20 && c < 0x7f && value.size() < 200) value += c;
    }
    const std::size_t first = value.find_first_not_of(' ');
    const std::size_t last = value.find_last_not_of(' ');
    out.push_back(first == std::string::npos ? "" : value.substr(first, last - first + 1));
  }
  return out;
}

LoginAnswer not_as_quoted(LoginAnswer answer, LoginProblem problem, std::string why) {
  answer.ok = false;
  answer.problem = problem;
  answer.why = std::move(why);
  return answer;
}

LoginAnswer judge_cpu(const lease::Quote& quote, LoginAnswer answer,
                      const std::vector<std::string>& model) {
  if (model.empty()) {
    return not_as_quoted(std::move(answer), LoginProblem::card_missing,
                         "it does not say what processor it has");
  }
  // Listings cut the name at 96 characters.
  const std::string found = model[0].substr(0, 96);
  const std::string quoted = values("q=" + quote.driver_name, "q")[0];
  if (found == quoted) return answer;
  return not_as_quoted(std::move(answer), LoginProblem::wrong_card,
                       "the processor is " + found + ", not " + quoted);
}

LoginAnswer judge_gpus(const lease::Quote& quote, LoginAnswer answer,
                       std::vector<std::string> found) {
  auto quoted = quote.card_uuids;
  std::ranges::sort(found);
  std::ranges::sort(quoted);
  if (found == quoted) return answer;
  const bool only_less = std::ranges::includes(quoted, found);
  return not_as_quoted(std::move(answer),
                       only_less ? LoginProblem::card_missing : LoginProblem::wrong_card,
                       "it has " + std::to_string(found.size()) + " GPUs and not the " +
                           std::to_string(quoted.size()) + " that were quoted, by their UUIDs");
}

bool is_word(std::string_view text, std::string_view allowed) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           allowed.find(c) != std::string_view::npos;
  });
}

}  // namespace

LoginAnswer judge(const lease::Quote& quote, bool check_card, std::string_view output) {
  const auto boot = values(output, "boot");
  const auto start = values(output, "start");
  if (boot.size() != 1 || start.size() != 1 || boot[0].empty() || start[0].empty()) {
    return {false, LoginProblem::unreachable, "the machine did not answer the watch's command", {}};
  }
  LoginAnswer answer;
  answer.ok = true;
  answer.boot_mark = boot[0] + "/" + start[0];
  if (!check_card || quote.simulated) return answer;
  if (quote.card == "cpu") return judge_cpu(quote, std::move(answer), values(output, "cpu"));
  const auto instances = values(output, "mig");
  const bool are_instances = std::ranges::any_of(
      quote.card_uuids, [](const std::string& uuid) { return uuid.starts_with("MIG-"); });
  if (are_instances) return judge_gpus(quote, std::move(answer), instances);
  // A cut card says the name of the whole one.
  if (!instances.empty()) {
    return not_as_quoted(std::move(answer), LoginProblem::wrong_card,
                         "its card is an instance of a cut one (MIG), and a whole one was quoted");
  }
  return judge_gpus(quote, std::move(answer), values(output, "gpu"));
}

bool shows_life(const LoginAnswer& answer, bool before_ready) {
  if (answer.ok) return true;
  return !before_ready && answer.problem == LoginProblem::card_missing && !answer.boot_mark.empty();
}

bool is_signed_by(const base::PublicKey& host, const base::PublicKey& lease,
                  const lease::SshAccess& access) {
  base::Writer message;
  message.put("OBELISKS");
  message.put(lease.view());
  message.put(access.host_key);
  return base::verify(host, message.bytes(), access.host_key_signature);
}

bool is_sane(const lease::SshAccess& access) {
  const bool address = access.address.size() <= 253 && is_word(access.address, ".:-") &&
                       access.address.front() != '-';
  const bool user =
      access.user.size() <= 32 && is_word(access.user, "_-") && access.user.front() != '-';
  const bool port = access.port >= 1 && access.port <= 65'535;
  constexpr std::string_view kType = "ssh-ed25519 ";
  const bool key = access.host_key.size() <= 200 && access.host_key.starts_with(kType) &&
                   is_word(std::string_view(access.host_key).substr(kType.size()), "+/=");
  return address && user && port && key;
}

}  // namespace obelisk::watch
