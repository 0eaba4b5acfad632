#include "postgres_server.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include "adapters/postgres/database.hpp"
#include "base/check.hpp"

namespace obelisk::conformance {
namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Error;

constexpr const char* kInstalls = "/usr/lib/postgresql";
constexpr const char* kUser = "postgres";  // the server refuses to be root; Debian's package has it
constexpr auto kStartLimit = std::chrono::seconds(30);

std::string program(const char* name) {
  std::string newest;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(kInstalls, none)) {
    const std::string path = entry.path().string() + "/bin/" + name;
    if (fs::exists(path) && path > newest) newest = path;
  }
  return newest;
}

// Runs it as somebody else where we are root; what it says goes into `log`.
pid_t spawn(const std::vector<std::string>& words, const std::string& log) {
  const pid_t child = ::fork();
  CHECK(child >= 0);
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getuid() == 0) {
    const passwd* user = ::getpwnam(kUser);
    const bool changed =
        user != nullptr && ::setgid(user->pw_gid) == 0 && ::setuid(user->pw_uid) == 0;
    if (!changed) ::_exit(126);
    // Changing the user forgets it.
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  }
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

int wait_for(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace

base::Result<std::unique_ptr<PostgresServer>> PostgresServer::start() {
  const std::string initdb = program("initdb");
  if (initdb.empty()) {
    return Error{Code::missing_dependency, "PostgreSQL's programs are not in /usr/lib/postgresql.",
                 "Install Debian's package postgresql: ./dev setup --tests", 0};
  }
  std::string folder = (fs::temp_directory_path() / "obelisk-pg-XXXXXX").string();
  CHECK(::mkdtemp(folder.data()) != nullptr);
  if (const passwd* user = ::getpwnam(kUser); user != nullptr && ::getuid() == 0) {
    CHECK(::chown(folder.c_str(), user->pw_uid, user->pw_gid) == 0);
  }
  std::unique_ptr<PostgresServer> out(new PostgresServer(folder));
  const int made = wait_for(spawn({initdb, "-D", folder + "/data", "-A", "trust", "-U", "market",
                                   "-E", "UTF8", "--locale=C", "--no-sync"},
                                  folder + "/log"));
  if (made != 0) {
    return Error{Code::internal, "initdb ended with " + std::to_string(made) + ".", "See its log."};
  }
  TRY_VOID(out->launch());
  return out;
}

base::Result<void> PostgresServer::launch() {
  pid_ = spawn({program("postgres"), "-D", folder_ + "/data", "-k", folder_, "-c",
                "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=64"},
               folder_ + "/log");
  const auto until = std::chrono::steady_clock::now() + kStartLimit;
  while (std::chrono::steady_clock::now() < until) {
    if (postgres::Database::open(uri("postgres")).ok()) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return Error{Code::unreachable, "The test's PostgreSQL does not answer.", "See its log.", 0};
}

PostgresServer::~PostgresServer() {
  if (pid_ > 0) {
    ::kill(pid_, SIGQUIT);
    wait_for(pid_);
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string PostgresServer::uri(const std::string& database) const {
  std::string host;
  for (const char c : folder_) host += c == '/' ? std::string("%2F") : std::string(1, c);
  return "postgresql://market@" + host + "/" + database;
}

std::string PostgresServer::make_database() {
  auto admin = postgres::Database::open(uri("postgres"));
  CHECK(admin.ok());
  const std::string name = "t" + std::to_string(++databases_);
  CHECK(admin->execute(("CREATE DATABASE " + name).c_str()).ok());
  return uri(name);
}

void PostgresServer::restart() {
  ::kill(pid_, SIGQUIT);
  wait_for(pid_);
  CHECK(launch().ok());
}

}  // namespace obelisk::conformance
