#include "adapters/cuda/cuda_meter.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "adapters/cuda/failure.hpp"
#include "adapters/cuda/find_card.hpp"
#include "adapters/cuda/proving.hpp"
#include "adapters/cuda/speeds.hpp"

namespace obelisk::cuda {

namespace {

constexpr std::uint32_t kMaxSharePercent = 98;
constexpr std::int64_t kMaxTimeMs = 3'600'000;

base::Error bad_request(std::string what) {
  return {base::Code::invalid_input, "A card cannot be measured so: " + std::move(what) + ".",
          "Ask within the ranges of the port."};
}

base::Result<void> check_request(const ports::CardMeterRequest& request) {
  if (!is_card_name(request.uuid)) {
    return bad_request("the UUID is not one of a card");
  }
  if (request.share_percent < 1 || request.share_percent > kMaxSharePercent) {
    return bad_request("the share of its memory is out of range");
  }
  if (request.time_limit_ms < 1 || request.time_limit_ms > kMaxTimeMs) {
    return bad_request("the time limit is out of range");
  }
  if (request.rounds < 1 || request.rounds > cards::kMaxMemoryRounds) {
    return bad_request("the number of rounds is out of range");
  }
  return {};
}

// How much of the card is to be proven: the share, in whole chunks.
base::Result<cards::MemoryTerms> terms_of(const ports::CardMeterRequest& request,
                                          std::uint64_t memory_bytes) {
  if (memory_bytes > std::uint64_t{cards::kMaxMemoryChunks} * cards::kChunkBytes) {
    return contradiction("it says it has " + std::to_string(memory_bytes) + " bytes of memory");
  }
  cards::MemoryTerms terms;
  terms.seed = request.seed;
  terms.rounds = request.rounds;
  std::uint64_t bytes = memory_bytes * request.share_percent / 100;
  if (request.bytes_most != 0) bytes = std::min(bytes, request.bytes_most);
  terms.chunks = static_cast<std::uint32_t>(bytes / cards::kChunkBytes);
  if (terms.chunks < cards::kMinMemoryChunks) {
    return bad_request("that share of its memory is less than 2 MiB");
  }
  return terms;
}

base::Result<void> check_room(const Library& library, std::uint64_t wanted_bytes) {
  std::size_t free = 0;
  std::size_t total = 0;
  if (Return code = library.memory_info(&free, &total)) {
    return card_failure("say how much memory is free", code);
  }
  if (free > total) return contradiction("more memory is free than there");
  if (free >= wanted_bytes) return {};
  return base::Error{base::Code::conflict,
                     "The card is in use: " + std::to_string(free >> 20) + " MiB of the " +
                         std::to_string(wanted_bytes >> 20) + " asked for are free.",
                     "End what uses the card, or measure less of it."};
}

}  // namespace

CudaMeter::CudaMeter(ports::Clock& clock, CudaOptions options)
    : clock_(clock), options_(std::move(options)) {
  if (!options_.pause) {
    options_.pause = [] { std::this_thread::sleep_for(std::chrono::microseconds(100)); };
  }
}

base::Result<ports::CardFigures> CudaMeter::measure(const ports::CardMeterRequest& request) {
  TRY_VOID(check_request(request));
  const std::int64_t began_ms = clock_.steady_ms();
  TRY(const auto library, Library::open(options_.library));
  TRY(const Device device, find_card(*library, request.uuid));
  std::size_t memory_bytes = 0;
  if (Return code = library->total_memory(&memory_bytes, device)) {
    return card_failure("say how much memory it has", code);
  }
  ports::CardFigures figures;
  figures.memory_bytes = memory_bytes;
  TRY(figures.terms, terms_of(request, memory_bytes));
  {
    TRY(const auto session,
        Session::open(*library, device,
                      {clock_, began_ms + request.time_limit_ms, options_.pause}));
    const std::uint64_t bytes = figures.terms.bytes();
    const std::size_t extra = std::max(digest_bytes(figures.terms), fold_bytes(*session));
    TRY_VOID(check_room(*library, bytes + extra));
    TRY(const Address memory, session->allocate(bytes));
    TRY(const Address out, session->allocate(extra));
    const std::int64_t first_ms = clock_.steady_ms();
    TRY(figures.proof, prove(*session, figures.terms, memory, out));
    figures.proof_ms = clock_.steady_ms() - first_ms;
    if (!request.proof_only) {
      TRY(const Speeds speeds, measure_speeds(*session, memory, bytes, out));
      figures.read_bytes_per_s = speeds.read;
      figures.copy_bytes_per_s = speeds.copy;
      figures.to_card_bytes_per_s = speeds.to_card;
      figures.from_card_bytes_per_s = speeds.from_card;
    }
  }
  figures.elapsed_ms = clock_.steady_ms() - began_ms;
  figures.simulated = library->scripted();
  return figures;
}

}  // namespace obelisk::cuda
