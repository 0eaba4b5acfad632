// The part of NVIDIA's management library (NVML) that we call, as its public API documentation
// describes it: docs.nvidia.com/deploy/nvml-api. Numbers, sizes and names only, written down by us,
// so that a host needs no toolkit. Functions carry a version suffix where their layout once
// changed; we name exactly the version whose layout stands here. It must never grow a struct that
// is not guarded by its size.
#pragma once

#include <cstddef>

namespace obelisk::nvml {

struct Device;  // opaque: the library's own
using Return = int;

inline constexpr Return kSuccess = 0;
inline constexpr Return kInvalidArgument = 2;
inline constexpr Return kNotSupported = 3;
inline constexpr Return kNoPermission = 4;
inline constexpr Return kNotFound = 6;
inline constexpr Return kInsufficientSize = 7;
inline constexpr Return kDriverNotLoaded = 9;
inline constexpr Return kTimeout = 10;
inline constexpr Return kGpuIsLost = 15;
inline constexpr Return kLibraryVersionMismatch = 18;
inline constexpr Return kGpuNotFound = 28;
inline constexpr Return kUnknown = 999;

// Which clock nvmlDeviceGetMaxClockInfo and nvmlDeviceGetClockInfo are asked for.
inline constexpr unsigned kClockSm = 1;
inline constexpr unsigned kClockMemory = 2;

// What nvmlDeviceGetMigMode answers of a card that is cut into instances.
inline constexpr unsigned kMigOn = 1;

// Which sensor nvmlDeviceGetTemperature reads, and which threshold is asked for: from there on the
// card slows itself down.
inline constexpr unsigned kSensorGpu = 0;
inline constexpr unsigned kThresholdSlowdown = 1;

// Why a card's clocks are lower than they could be, as bits of one word.
inline constexpr unsigned long long kReasonPowerCap = 0x4;
inline constexpr unsigned long long kReasonHeatSoftware = 0x20;
inline constexpr unsigned long long kReasonHeatHardware = 0x40;
inline constexpr unsigned long long kReasonPowerBrake = 0x80;

// Which ECC errors nvmlDeviceGetTotalEccErrors counts; volatile ones are those since the driver was
// loaded.
inline constexpr unsigned kEccCorrected = 0;
inline constexpr unsigned kEccUncorrected = 1;
inline constexpr unsigned kEccVolatile = 0;

// What a counter holds that the card does not keep.
inline constexpr unsigned long long kNoValue = ~0ULL;

// Kinds of events, as bits.
inline constexpr unsigned long long kEventEccUncorrected = 0x2;
inline constexpr unsigned long long kEventXid = 0x8;

// No card has more NVLink links.
inline constexpr unsigned kMaxLinks = 18;

// Buffers as long as the library may fill them.
inline constexpr unsigned kNameBytes = 96;
inline constexpr unsigned kUuidBytes = 96;
inline constexpr unsigned kDriverVersionBytes = 80;

struct Memory {
  unsigned long long total = 0;
  unsigned long long free = 0;
  unsigned long long used = 0;
};
static_assert(sizeof(Memory) == 24);

// Of nvmlDeviceGetPciInfo_v3.
struct PciInfo {
  char bus_id_legacy[16] = {};
  unsigned domain = 0;
  unsigned bus = 0;
  unsigned device = 0;
  unsigned device_id = 0;
  unsigned subsystem_id = 0;
  char bus_id[32] = {};
};
static_assert(sizeof(PciInfo) == 68 && offsetof(PciInfo, bus_id) == 36);

// Of nvmlDeviceGetComputeRunningProcesses_v3.
struct ProcessInfo {
  unsigned pid = 0;
  unsigned long long used_memory = 0;
  unsigned gpu_instance = 0;
  unsigned compute_instance = 0;
};
static_assert(sizeof(ProcessInfo) == 24 && offsetof(ProcessInfo, used_memory) == 8);

// Of nvmlDeviceGetUtilizationRates: percent of the last moments.
struct Utilization {
  unsigned gpu = 0;
  unsigned memory = 0;
};
static_assert(sizeof(Utilization) == 8);

// Of nvmlDeviceGetAttributes_v2: what an instance of a cut card has.
struct Attributes {
  unsigned multiprocessors = 0;
  unsigned copy_engines = 0;
  unsigned decoders = 0;
  unsigned encoders = 0;
  unsigned jpeg_engines = 0;
  unsigned optical_flow_engines = 0;
  unsigned gpu_slices = 0;
  unsigned compute_slices = 0;
  unsigned long long memory_mib = 0;
};
static_assert(sizeof(Attributes) == 40 && offsetof(Attributes, memory_mib) == 32);

struct EventSet;  // opaque

// Of nvmlEventSetWait_v2. The instances are those of a cut card, else all bits are set.
struct EventData {
  Device* device = nullptr;
  unsigned long long type = 0;
  unsigned long long data = 0;  // the Xid
  unsigned gpu_instance = ~0U;
  unsigned compute_instance = ~0U;
};
static_assert(sizeof(EventData) == 32 && offsetof(EventData, gpu_instance) == 24);

using InitFn = Return();
using ShutdownFn = Return();
using DriverVersionFn = Return(char*, unsigned);
using CudaVersionFn = Return(int*);
using CountFn = Return(unsigned*);
using HandleFn = Return(unsigned, Device**);
using TextFn = Return(Device*, char*, unsigned);
using MemoryFn = Return(Device*, Memory*);
using PciInfoFn = Return(Device*, PciInfo*);
using CapabilityFn = Return(Device*, int*, int*);
using ClockFn = Return(Device*, unsigned, unsigned*);
using NumberFn = Return(Device*, unsigned*);
using LinkFn = Return(Device*, unsigned, unsigned*);      // card, link, whether it is active
using MigModeFn = Return(Device*, unsigned*, unsigned*);  // card, mode now, mode after a reset
using ProcessesFn = Return(Device*, unsigned*, ProcessInfo*);
using HandleByUuidFn = Return(const char*, Device**);
using UtilizationFn = Return(Device*, Utilization*);
using ChosenFn = Return(Device*, unsigned, unsigned*);      // card, which one, its figure
using WordFn = Return(Device*, unsigned long long*);        // card, bits
using StatePairFn = Return(Device*, unsigned*, unsigned*);  // card, on now, on after a restart
using EccCountFn = Return(Device*, unsigned, unsigned, unsigned long long*);
// Card, rows remapped for corrected and uncorrected errors, whether some wait for a reset, whether
// a remapping failed.
using RemappedRowsFn = Return(Device*, unsigned*, unsigned*, unsigned*, unsigned*);
using AttributesFn = Return(Device*, Attributes*);
using ChildFn = Return(Device*, unsigned, Device**);  // a cut card, a place, the instance there
using ParentFn = Return(Device*, Device**);           // an instance, the card it is cut from
using EventSetCreateFn = Return(EventSet**);
using EventSetFreeFn = Return(EventSet*);
using RegisterEventsFn = Return(Device*, unsigned long long, EventSet*);
using EventSetWaitFn = Return(EventSet*, EventData*, unsigned);  // up to so many milliseconds

// Exported by our scripted stand-in and by nothing of NVIDIA's: who loads it must say "simulated".
inline constexpr const char* kScriptedMark = "obelisk_nvml_is_scripted";

}  // namespace obelisk::nvml
