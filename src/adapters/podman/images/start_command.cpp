#include "adapters/podman/images/start_command.hpp"

namespace obelisk::podman {

namespace {

// Its own loader and libraries: nothing of the image is asked for. -r: it does not start itself
// again by a path, since that path needs the loader's help.
std::vector<std::string> our_sshd() {
  const std::string tools = kToolsAt;
  return {tools + "/ld.so", "--library-path", tools + "/lib", tools + "/sshd", "-r"};
}

}  // namespace

std::vector<std::string> start_command(const Image& image) {
  const bool own = image.login == Login::own;
  std::vector<std::string> out{own ? "/usr/bin/tini" : std::string(kToolsAt) + "/tini", "--"};
  if (!image.start.empty()) {
    // The program's name and arguments come as they are, after the script: nothing is quoted.
    // sshd takes the shell's place: when it ends, the machine ends; the program may come and go.
    std::string sshd = "exec";
    for (const std::string& word : own ? std::vector<std::string>{"/usr/sbin/sshd"} : our_sshd()) {
      sshd += " " + word;
    }
    out.insert(out.end(),
               {"/bin/sh", "-c",
                "cd /workspace\n\"$@\" &\n" + sshd + " -D -e -f /lease/sshd_config", "obelisk"});
    out.insert(out.end(), image.start.begin(), image.start.end());
    return out;
  }
  for (const std::string& word : own ? std::vector<std::string>{"/usr/sbin/sshd"} : our_sshd()) {
    out.push_back(word);
  }
  out.insert(out.end(), {"-D", "-e", "-f", "/lease/sshd_config"});
  return out;
}

}  // namespace obelisk::podman
