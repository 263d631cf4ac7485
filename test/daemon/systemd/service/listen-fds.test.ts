import { expect, it } from "vitest";
import { takeListenFds } from "../../../../daemon/systemd/service/listen-fds.ts";

const names = { LISTEN_FDNAMES: "blutd.socket:more" };

it.each([
  { what: "two sockets", env: { LISTEN_PID: "7", LISTEN_FDS: "2", ...names }, fds: [3, 4] },
  { what: "somebody else's sockets", env: { LISTEN_PID: "8", LISTEN_FDS: "1" }, fds: [] },
  { what: "no sockets", env: {}, fds: [] },
  { what: "a count that is none", env: { LISTEN_PID: "7", LISTEN_FDS: "-1" }, fds: [] },
  { what: "a count without end", env: { LISTEN_PID: "7", LISTEN_FDS: "99999" }, fds: [] },
  { what: "no count", env: { LISTEN_PID: "7" }, fds: [] },
])("$what", ({ env, fds }) => {
  const given = { PATH: "/bin", ...env };
  expect(takeListenFds(given, 7)).toEqual(fds);
  expect(given).toEqual({ PATH: "/bin" });
});
