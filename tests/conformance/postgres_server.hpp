// A PostgreSQL server of our own for tests: Debian's, in a folder of its own, on a socket in that
// folder and on no port. It ends with the object. Its data is not synced: it is thrown away.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/result.hpp"

namespace obelisk::conformance {

class PostgresServer {
 public:
  static base::Result<std::unique_ptr<PostgresServer>> start();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A new empty database, by its libpq URI.
  std::string make_database();
  // Takes it away from everybody at once, as a crash does, and brings it back.
  void restart();

 private:
  explicit PostgresServer(std::string folder) : folder_(std::move(folder)) {}
  base::Result<void> launch();
  std::string uri(const std::string& database) const;

  std::string folder_;
  pid_t pid_ = -1;
  int databases_ = 0;
};

}  // namespace obelisk::conformance
