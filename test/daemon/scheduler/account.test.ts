import { expect, it } from "vitest";
import { environmentFor } from "../../../daemon/scheduler/account.ts";

const blut = { name: "blut", home: "/var/lib/blut", shell: "/bin/sh" };
const its = { HOME: "/var/lib/blut", USER: "blut", LOGNAME: "blut", SHELL: "/bin/sh" };

it("work of another account has that account's home, and nobody's session", () => {
  const personal = {
    ...{ HOME: "/home/ada", USER: "ada", LOGNAME: "ada", SHELL: "/bin/zsh", MAIL: "/var/mail/ada" },
    ...{ XDG_RUNTIME_DIR: "/run/user/1000", XDG_CONFIG_HOME: "/home/ada/.config" },
    ...{ DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/user/1000/bus", SSH_AUTH_SOCK: "/tmp/agent" },
  };
  const wanted = { PATH: "/bin", LANG: "de_DE.UTF-8", HOMEPAGE: "x", CUDA_VISIBLE_DEVICES: "1" };
  expect(environmentFor(blut, { ...personal, ...wanted })).toEqual({ ...wanted, ...its });
  expect(environmentFor(blut, {})).toEqual(its);
});
