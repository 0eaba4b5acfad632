#include "core/market/probe.hpp"

namespace obelisk::market {

std::string probe_command() {
  return "echo boot=$(cat /proc/sys/kernel/random/boot_id);"
         "echo start=$(sed 's/.*) //' /proc/1/stat | cut -d' ' -f20);"
         "case $SSH_ORIGINAL_COMMAND in card) "
         "echo cpu=$(grep -m1 '^model name' /proc/cpuinfo | cut -d: -f2-);"
         // Without a GPU there is no nvidia-smi, and nothing more to say. Of a cut card the first
         // says its own name, the second those of the instances that are here.
         "nvidia-smi --query-gpu=uuid --format=csv,noheader 2>/dev/null | sed 's/^/gpu=/';"
         "nvidia-smi -L 2>/dev/null | sed -n 's/^.*(UUID: *MIG-/mig=MIG-/p' | tr -d ')';; esac";
}

}  // namespace obelisk::market
