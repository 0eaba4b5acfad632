#include "adapters/cuda/failure.hpp"

#include "base/check.hpp"

namespace obelisk::cuda {

namespace {

std::string meaning(Return code) {
  switch (code) {
    case kOutOfMemory: return "too little memory is free";
    case kStubLibrary: return "the library is a stub for building and not a driver";
    case kDeviceUnavailable: return "another process has the card for itself";
    case kNoDevice: return "there is no card";
    case kInvalidDevice: return "there is no such card";
    case kNoBinaryForGpu: return "the card is older than Volta";
    case kEccUncorrectable: return "its memory has an error that cannot be corrected";
    case kInvalidPtx: return "the driver cannot read our kernels";
    case kCompilerNotFound: return "the driver's compiler is not installed";
    case kUnsupportedPtxVersion: return "the driver is older than our kernels";
    case kCompilationDisabled: return "compiling kernels is switched off";
    case kIllegalAddress: return "a kernel read or wrote where there is nothing";
    case kLaunchTimeout: return "a watchdog ended the kernel";
    case kLaunchFailed: return "a kernel failed";
    case kSystemNotReady: return "the system is not ready";
    case kDriverMismatch: return "kernel module and library are of different versions";
    default: return "error " + std::to_string(code);
  }
}

base::Code code_of(Return code) {
  switch (code) {
    case kOutOfMemory:
    case kDeviceUnavailable: return base::Code::conflict;
    case kNoDevice:
    case kInvalidDevice: return base::Code::not_found;
    case kInvalidImage:
    case kNoBinaryForGpu:
    case kInvalidPtx:
    case kCompilerNotFound:
    case kUnsupportedPtxVersion:
    case kCompilationDisabled: return base::Code::unsupported;
    default: return base::Code::unreachable;
  }
}

std::string action_of(base::Code code) {
  if (code == base::Code::conflict) return "End what uses the card, or measure less of it.";
  if (code == base::Code::not_found) return "Run nvidia-smi -L to see the cards there are.";
  if (code == base::Code::unsupported) return "Install a newer driver; cards from Volta on do.";
  return "Run nvidia-smi and repair what it says; often a reboot is due.";
}

}  // namespace

base::Error card_failure(std::string_view what, Return code) {
  CHECK(code != kSuccess && code != kNotReady);
  const base::Code ours = code_of(code);
  return {ours, "The card did not " + std::string(what) + ": " + meaning(code) + ".",
          action_of(ours)};
}

base::Error start_failure(Return code) {
  const base::Code ours =
      code == kNoDevice ? base::Code::not_found : base::Code::missing_dependency;
  return {ours, "NVIDIA's driver does not start: " + meaning(code) + ".", action_of(ours)};
}

base::Error contradiction(std::string what) {
  return {base::Code::refused, "The card's answers cannot be true: " + std::move(what) + ".",
          "Run nvidia-smi -q and look for memory errors; do not offer this card."};
}

base::Error out_of_time() {
  return {base::Code::timeout, "The measurement took longer than it may.",
          "See that nothing else uses the card, or allow more time."};
}

}  // namespace obelisk::cuda
