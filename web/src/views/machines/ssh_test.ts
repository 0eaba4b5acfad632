import { describe, expect, it } from "vitest";
import type { Lease } from "../../lib/api.ts";
import {
  checkHostKey,
  knownHostsEntry,
  knownHostsLine,
  sshAccessOf,
  sshCommand,
  sshConfig,
} from "./ssh.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMfygppoOr/Ekiz8rn21r0+kmEfFMJEj2yJU4bKafQm7";
const ssh = {
  address: "127.0.0.1",
  port: 25072,
  user: "root",
  host_key: key,
  host_key_signature:
    "3AK6mRCXjzpJxcKi1DE3CuRTR9VHHMj9RfvrYVFNCgRVoMkh6AsQTGEsLEJ2Kb1eSp9bAznY5CizDQ4YRUCHbCRa",
};
const lease = {
  lease: "Cxz8d3mVqpGcS8mME1UYGqTgL8Hf6PNiyJpvogd1s7s2",
  host: "4AmQFVMWcMWRKMwhzYaWdARUUA4ctbiKQ65LyuVnd33s",
  ssh,
  ways: [
    { address: "127.0.0.1", port: 25072 },
    { address: "gw2.example", port: 20417 },
  ],
} as Lease;
const access = sshAccessOf(lease);
const first = { address: "127.0.0.1", port: 25072 };

describe("the way in by ssh", () => {
  it("is what obelisk ssh-config prints for a machine without it", () => {
    expect(access && sshCommand(lease.lease, access, first)).toBe(
      "ssh -p 25072 -o HostKeyAlias=obelisk-Cxz8d3mV -o StrictHostKeyChecking=yes " +
        "-o UserKnownHostsFile=none -o 'KnownHostsCommand=/bin/echo obelisk-Cxz8d3mV " +
        `${key}' root@127.0.0.1`,
    );
  });
  it("names the file of a key that was made on the page, and nothing else", () => {
    const line = (file?: string) => (access ? sshCommand(lease.lease, access, first, file) : "");
    expect(line("obelisk_ed25519_eVkCKH")).toBe(
      line().replace("ssh ", "ssh -i ~/Downloads/obelisk_ed25519_eVkCKH "),
    );
    for (const bad of ["x;id", "$(id)", "../x", "a b", ""]) expect(line(bad), bad).toBe(line());
    expect(access && knownHostsEntry(access, first)).toBe(`[127.0.0.1]:25072 ${key}`);
  });
  it("has an entry for each gateway", () => {
    const text = access ? sshConfig(lease.lease, access) : "";
    expect(text).toContain("Host obelisk-Cxz8d3mV Cxz8d3mVqpGcS8mME1UYGqTgL8Hf6PNiyJpvogd1s7s2\n");
    expect(text).toContain("Host obelisk-Cxz8d3mV-2\n  HostName gw2.example\n  Port 20417\n");
    const line = access ? knownHostsLine(lease.lease, access) : "-";
    expect(text).toContain(`KnownHostsCommand /bin/echo ${line}\n`);
  });
  it("is none where a part could be something else in a shell", () => {
    const bent = [
      { ...ssh, user: "root;id" },
      { ...ssh, user: "-oProxyCommand=id" },
      { ...ssh, host_key: `${key}' 'x` },
      { ...ssh, host_key: `${key}\n` },
      { ...ssh, host_key: "ssh-rsa AAAA" },
    ];
    for (const one of bent) expect(sshAccessOf({ ...lease, ssh: one })).toBeUndefined();
    for (const address of ["-oProxyCommand=id", "a b", "$(id)", "a\nb", "", "\u202eexample"]) {
      const ways = [{ address, port: 22 }];
      expect(sshAccessOf({ ...lease, ways }), address).toBeUndefined();
    }
    expect(sshAccessOf({ ...lease, ways: [{ address: "a", port: 0 }] })).toBeUndefined();
  });
  it("believes only a key that the host signed", async () => {
    expect(await checkHostKey(lease)).toBe("good");
    const other = { ...ssh, host_key: key.replace("MfygppoOr", "MfygppoOs") };
    expect(await checkHostKey({ ...lease, ssh: other })).toBe("bad");
    expect(await checkHostKey({ ...lease, host: lease.lease })).toBe("bad");
  });
});
