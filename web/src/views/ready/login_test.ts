import { expect, test } from "vitest";
import type { Lease } from "../../lib/api.ts";
import { loginOf, type Login } from "./login.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMfygppoOr/Ekiz8rn21r0+kmEfFMJEj2yJU4bKafQm7";
const ssh = {
  address: "127.0.0.1",
  port: 25072,
  user: "root",
  host_key: key,
  host_key_signature: "x",
};
const lease = { lease: "Cxz8d3mVqpGcS8mME1UYGqTgL8Hf6PNiyJpvogd1s7s2", ssh } as Lease;

test("a line is shown once the host's signature was checked, and is pinned to the key", () => {
  expect(loginOf(lease, undefined, undefined)).toBe(undefined);
  expect(loginOf(lease, "bad", undefined)).toBe("strange");
  const login = loginOf(lease, "good", undefined) as Login;
  expect(login.line).toMatch(/^ssh -p 25072 .*root@127\.0\.0\.1$/);
  expect(login.line).toContain("StrictHostKeyChecking=yes");
  expect(login.line).toContain(key);
  expect(login).toMatchObject({ known: `[127.0.0.1]:25072 ${key}`, isUnchecked: false });
  expect(loginOf(lease, "unknown", undefined)).toMatchObject({ isUnchecked: true });
});

test("nothing strange goes into a shell", () => {
  const bent = (change: object) => ({ ...lease, ssh: { ...ssh, ...change } }) as Lease;
  expect(loginOf(bent({ address: "x;id" }), "good", undefined)).toBe("strange");
  expect(loginOf(bent({ user: "$(id)" }), "good", undefined)).toBe("strange");
  expect(loginOf(bent({ host_key: `${key}\nevil` }), "good", undefined)).toBe("strange");
  const made = "obelisk_ed25519_eVkCKH";
  expect(loginOf(lease, "good", made)).toMatchObject({ chmod: `chmod 600 ~/Downloads/${made}` });
  expect(loginOf(lease, "good", "x;id")).toEqual(loginOf(lease, "good", undefined));
  expect(loginOf({ ...lease, ssh: undefined } as unknown as Lease, "good", undefined)).toBe(
    undefined,
  );
});
