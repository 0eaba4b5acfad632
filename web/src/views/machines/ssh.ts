// How one's own ssh gets into a lease: commands and an entry for its settings, as `obelisk
// ssh-config` writes them. All of it comes from the market and ends up in somebody's shell, so
// nothing is shown whose every part is not of its exact form. Pure.
import type { Lease } from "../../lib/api.ts";

export interface SshWay {
  address: string;
  port: number;
}
export interface SshAccess {
  user: string;
  hostKey: string;
  ways: readonly SshWay[]; // the preferred one first
}

const isAddress = (text: string) =>
  text.length <= 253 && /^[A-Za-z0-9:][A-Za-z0-9.:-]*$/.test(text);
const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65535;
const isUser = (text: string) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(text);
export const isFileName = (text: string) => /^[A-Za-z0-9_]{1,64}$/.test(text);
// 51 bytes, which begin with the key's type.
const isHostKey = (text: string) =>
  /^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}$/.test(text);

// Undefined: not told yet, or not of the form.
export function sshAccessOf(lease: Lease): SshAccess | undefined {
  const { ssh } = lease;
  if (!ssh || !isUser(ssh.user) || !isHostKey(ssh.host_key)) return undefined;
  const told = lease.ways?.length ? lease.ways : [ssh];
  const ways = told.filter((way) => isAddress(way.address) && isPort(way.port));
  if (ways.length === 0) return undefined;
  return { user: ssh.user, hostKey: ssh.host_key, ways };
}

export const entryName = (lease: string): string => `obelisk-${lease.slice(0, 8)}`;
const aliasOf = (lease: string): string => `obelisk-${lease}`;

// One line for a machine without `obelisk`: the pinned host key goes along. `keyFile` is where the
// browser saved a key that was made here; a name of other letters is none.
export function sshCommand(
  lease: string,
  access: SshAccess,
  way: SshWay,
  keyFile?: string,
): string {
  const name = entryName(lease);
  const isFile = keyFile !== undefined && isFileName(keyFile);
  const key = isFile ? `-i ~/Downloads/${keyFile} ` : "";
  return (
    `ssh ${key}-p ${way.port} -o HostKeyAlias=${name} -o StrictHostKeyChecking=yes` +
    ` -o UserKnownHostsFile=none` +
    ` -o 'KnownHostsCommand=/bin/echo ${name} ${access.hostKey}' ${access.user}@${way.address}`
  );
}

// For a file of known hosts, without an alias: by the address that ssh is given.
export const knownHostsEntry = (access: SshAccess, way: SshWay): string =>
  `[${way.address}]:${way.port} ${access.hostKey}`;

export const knownHostsLine = (lease: string, access: SshAccess): string =>
  `${aliasOf(lease)} ${access.hostKey}`;

// An entry for each gateway, in one file that needs no other: the key stands in it.
export function sshConfig(lease: string, access: SshAccess): string {
  return access.ways
    .map((way, i) => {
      const name = entryName(lease);
      const names = i === 0 ? `${name} ${lease}` : `${name}-${i + 1}`;
      return [
        `Host ${names}`,
        `  HostName ${way.address}`,
        `  Port ${way.port}`,
        `  User ${access.user}`,
        "  # IdentityFile ~/.ssh/id_ed25519",
        `  HostKeyAlias ${aliasOf(lease)}`,
        "  HostKeyAlgorithms ssh-ed25519",
        `  KnownHostsCommand /bin/echo ${knownHostsLine(lease, access)}`,
        "  UserKnownHostsFile none",
        "  GlobalKnownHostsFile /dev/null",
        "  StrictHostKeyChecking yes",
        "  UpdateHostKeys no",
        "  CheckHostIP no",
        "  PreferredAuthentications publickey",
        "  ForwardAgent no",
        "  ConnectTimeout 10",
        "  ServerAliveInterval 15",
        "  LogLevel ERROR",
        "",
      ].join("\n");
    })
    .join("\n");
}

// What the host signs about its lease's key: OBELISKS, the lease's address, the key line.
export function hostKeyMessage(lease: Uint8Array, hostKey: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder();
  return new Uint8Array([...text.encode("OBELISKS"), ...lease, ...text.encode(hostKey)]);
}

// Whether the lease's host signed its key. "unknown": this browser cannot check it.
export async function checkHostKey(lease: Lease): Promise<"good" | "bad" | "unknown"> {
  const { decodeBase58 } = await import("../../wallet/base58.ts");
  const { ssh } = lease;
  if (!ssh) return "unknown";
  try {
    const raw = new Uint8Array(decodeBase58(lease.host));
    const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    const signature = new Uint8Array(decodeBase58(ssh.host_key_signature));
    const message = hostKeyMessage(decodeBase58(lease.lease), ssh.host_key);
    return (await crypto.subtle.verify("Ed25519", key, signature, message)) ? "good" : "bad";
  } catch (error) {
    return (error as Error)?.name === "NotSupportedError" ? "unknown" : "bad";
  }
}
