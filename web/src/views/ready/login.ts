// What the page of the first login shows for a terminal. Nothing before the host's signature of the
// machine's key was checked, and no line that would trust another key. Pure.
import type { Lease } from "../../lib/api.ts";
import { isFileName, knownHostsEntry, sshAccessOf, sshCommand } from "../machines/ssh.ts";

export type Verdict = "good" | "bad" | "unknown";

export interface Login {
  line: string;
  known: string;
  chmod: string | undefined; // where the key was made on the page
  isUnchecked: boolean; // this browser cannot check the signature
}

export function loginOf(
  lease: Lease,
  verdict: Verdict | undefined, // undefined: it is being checked
  keyFile: string | undefined,
): Login | "strange" | undefined {
  if (!lease.ssh) return undefined;
  const access = sshAccessOf(lease);
  const way = access?.ways[0];
  if (!access || !way || verdict === "bad") return "strange";
  if (verdict === undefined) return undefined;
  const isMade = keyFile !== undefined && isFileName(keyFile);
  return {
    line: sshCommand(lease.lease, access, way, keyFile),
    known: knownHostsEntry(access, way),
    chmod: isMade ? `chmod 600 ~/Downloads/${keyFile}` : undefined,
    isUnchecked: verdict === "unknown",
  };
}
