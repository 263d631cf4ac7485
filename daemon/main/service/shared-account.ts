import { userInfo } from "node:os";
import { isForGroup } from "../../rpc/socket-path.ts";
import type { Account } from "../../scheduler/account.ts";
import type { Service } from "./service.ts";

/** Our own account where systemd opened the socket to a group; undefined where nobody else can submit. */
export function sharedAccount({ socket }: Service, path: string): Account | undefined {
  if (socket === undefined || !isForGroup(path)) return undefined;
  const { username: name, homedir: home, shell } = userInfo();
  // An account that nobody logs in with has a shell that only refuses.
  const isForPeople = shell !== null && !/\/(nologin|false)$/.test(shell);
  return { name, home, shell: isForPeople ? shell : "/bin/sh" };
}
