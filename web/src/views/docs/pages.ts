// Which pages there are, and what stands on each. Their words are in the message files.

export const pages = ["how", "safety", "fees", "search", "api"] as const;
export type Page = (typeof pages)[number];

export function pageOf(argument: string): Page | undefined {
  return argument === "" ? "how" : pages.find((page) => page === argument);
}

export const steps = ["pick", "quote", "pay", "prepare", "ready", "live", "end", "wipe"] as const;

// Section 8 of the protocol: what happens, and what the money does.
export const cases = [
  "late",
  "dies",
  "bad",
  "watch",
  "both",
  "renter",
  "operator",
  "turns",
  "stolen",
  "empty",
  "rate",
] as const;

export const parties = ["renter", "host", "watch", "operator", "anyone"] as const;

export const costs = ["price", "fee", "bond", "network", "disk"] as const;
export const returns = ["early", "missed", "cancel", "dark", "gap", "bondback", "dust"] as const;

// The fields of docs/search.md with the unit in which a number alone is read.
export const fields: Record<"what" | "price" | "host" | "network" | "measured", string[]> = {
  what: [
    "card",
    "name",
    "arch",
    "gpus",
    "listed",
    "vram GB",
    "total_vram GB",
    "bandwidth GB/s",
    "tflops",
    "total_tflops",
    "capability",
    "proven GB",
    "simulated",
  ],
  price: [
    "price USD",
    "sol SOL",
    "disk_price USD",
    "traffic_price USD",
    "tflops_per_usd",
    "duration",
    "min_duration",
  ],
  host: [
    "id",
    "host",
    "region",
    "cpu",
    "cores",
    "ram GB",
    "disk GB",
    "image",
    "template",
    "pulls GB",
    "driver",
    "cuda",
    "pcie",
    "lanes",
    "nvlink",
    "power W",
  ],
  network: ["download Mbps", "upload Mbps", "disk_bandwidth GB/s", "pcie_bandwidth GB/s"],
  measured: ["login_p50", "login_p95", "logins", "reliability %", "measured_bandwidth GB/s"],
};

export const examples = [
  ["rtx-4090", "word"],
  ["card=rtx-4090,a40 gpus>=2", "all"],
  ["vram>=24GB price<=1.50", "sizes"],
  ["region=eu* -simulated", "minus"],
  ["(a100-80gb or h100-sxm) price<3", "or"],
  ["vram=24..48GB", "range"],
  ["login_p95<=2s logins>=10", "times"],
  ["driver>=550 cuda>=12.4", "versions"],
  ["pcie=*", "known"],
] as const;
