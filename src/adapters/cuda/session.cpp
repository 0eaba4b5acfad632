#include "adapters/cuda/session.hpp"

#include <cmath>
#include <string_view>

#include "adapters/cuda/failure.hpp"
#include "adapters/cuda/ptx.hpp"
#include "base/check.hpp"

namespace obelisk::cuda {

base::Result<std::unique_ptr<Session>> Session::open(const Library& library, Device device,
                                                     Patience patience) {
  std::unique_ptr<Session> out(new Session(library, patience));
  TRY_VOID(out->begin(device));
  return out;
}

base::Result<void> Session::begin(Device device) {
  int multiprocessors = 0;
  if (Return code = library_.attribute(&multiprocessors, kMultiprocessorCount, device)) {
    return card_failure("say how many multiprocessors it has", code);
  }
  if (multiprocessors < 1 || multiprocessors > 4096) {
    return contradiction(std::to_string(multiprocessors) + " multiprocessors");
  }
  multiprocessors_ = static_cast<unsigned>(multiprocessors);
  if (Return code = library_.context_create(&context_, kBlockingSync, device)) {
    context_ = nullptr;
    return card_failure("start", code);
  }
  TRY_VOID(load_kernels());
  if (Return code = library_.stream_create(&stream_, kNonBlockingStream)) {
    stream_ = nullptr;
    return card_failure("take work", code);
  }
  for (Event** event : {&before_, &after_}) {
    if (Return code = library_.event_create(event, kDefaultEvent)) {
      *event = nullptr;
      return card_failure("keep time", code);
    }
  }
  return {};
}

base::Result<void> Session::load_kernels() {
  if (Return code = library_.module_load(&module_, ptx().data())) {
    module_ = nullptr;
    return card_failure("take our kernels", code);
  }
  const std::array names = {kFillKernel, kMeetKernel, kDigestKernel, kReadKernel};
  for (std::size_t i = 0; i < names.size(); ++i) {
    kernels_[i].name = names[i];
    if (Return code = library_.function(&kernels_[i].function, module_, names[i])) {
      return card_failure("find a kernel of ours", code);
    }
  }
  return {};
}

// Each by itself and the context last; what a dead card says to that interests nobody.
Session::~Session() {
  for (void* pinned : pinned_) library_.host_free(pinned);
  for (Address address : memory_) library_.free(address);
  if (before_ != nullptr) library_.event_destroy(before_);
  if (after_ != nullptr) library_.event_destroy(after_);
  if (stream_ != nullptr) library_.stream_destroy(stream_);
  if (module_ != nullptr) library_.module_unload(module_);
  if (context_ != nullptr) library_.context_destroy(context_);
}

base::Result<Address> Session::allocate(std::size_t bytes) {
  Address out = 0;
  if (Return code = library_.allocate(&out, bytes)) {
    return card_failure("give memory", code);
  }
  memory_.push_back(out);
  if (out % 256 != 0) return contradiction("memory at an odd address");
  return out;
}

base::Result<void*> Session::allocate_pinned(std::size_t bytes) {
  CHECK(library_.host_allocate != nullptr);
  void* out = nullptr;
  if (Return code = library_.host_allocate(&out, bytes, kPlainHostMemory)) {
    return card_failure("get memory of the host", code);
  }
  pinned_.push_back(out);
  return out;
}

base::Result<void> Session::wait(const char* what, Event* event) {
  for (;;) {
    const Return code = library_.event_query(event);
    if (code == kSuccess) return {};
    if (code != kNotReady) return card_failure(what, code);
    if (patience_.over()) return out_of_time();
    patience_.pause();
  }
}

base::Result<double> Session::timed(const char* what, const std::function<Return(Stream*)>& start) {
  if (patience_.over()) return out_of_time();
  Return code = library_.event_record(before_, stream_);
  if (code == kSuccess) code = start(stream_);
  if (code == kSuccess) code = library_.event_record(after_, stream_);
  if (code != kSuccess) return card_failure(what, code);
  TRY_VOID(wait(what, after_));
  float ms = 0;
  if (code = library_.elapsed(&ms, before_, after_); code != kSuccess) {
    return card_failure("say how long it took", code);
  }
  // Half a microsecond is the clock's own step: zero can be true of very little work.
  if (!std::isfinite(ms) || ms < 0) return contradiction("it says that time ran backwards");
  return static_cast<double>(ms);
}

base::Result<double> Session::run(const char* kernel, const Work& work, std::uint64_t threads) {
  Function* function = nullptr;
  for (const Kernel& known : kernels_) {
    if (std::string_view(known.name) == kernel) function = known.function;
  }
  const std::uint64_t blocks = (threads + kBlockThreads - 1) / kBlockThreads;
  CHECK(function != nullptr && blocks > 0 && blocks < (1ull << 31));
  return timed("finish a kernel", [&](Stream* stream) {
    Work parameter = work;
    void* parameters[] = {&parameter};
    return library_.launch(function, static_cast<unsigned>(blocks), 1, 1, kBlockThreads, 1, 1, 0,
                           stream, parameters, nullptr);
  });
}

base::Result<void> Session::fetch(void* to, Address from, std::size_t bytes) {
  auto took = timed("hand back its memory",
                    [&](Stream* stream) { return library_.copy_to_host(to, from, bytes, stream); });
  if (!took) return std::move(took).error();
  return {};
}

}  // namespace obelisk::cuda
