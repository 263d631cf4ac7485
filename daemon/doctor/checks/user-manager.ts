import type { BoxFacts, ManagerFacts } from "../facts.ts";
import { fault, fine, warning, type Finding } from "../finding.ts";

/** Below this a busy build runs out of processes. */
const fewPids = 512;
/** How much of that the drop-in asks for; `cpu` is for the scopes of other programs. */
const delegated = "Delegate=cpu memory pids";

/** As root, for every user; takes effect when the user's systemd starts anew. */
const delegateCommand =
  "sudo sh -c 'mkdir -p /etc/systemd/system/user@.service.d && " +
  `printf "[Service]\\n${delegated}\\n" > /etc/systemd/system/user@.service.d/delegate.conf && ` +
  "systemctl daemon-reload', then log in again or restart the box";

/** The user's systemd, which starts and holds all work. */
export function managerFindings(facts: BoxFacts): Finding[] {
  const { userManager } = facts;
  if (userManager === undefined) return [linger(facts), missing(facts)];
  return [linger(facts), delegation(userManager), peak(userManager), pids(facts, userManager)];
}

function linger({ lingers, user, service }: BoxFacts): Finding {
  const sudo = service?.isSystem === true ? "sudo " : "";
  return lingers
    ? fine("linger", `${user}'s systemd outlives the login session`)
    : fault("linger", "work ends when you log out", `${sudo}loginctl enable-linger ${user}`);
}

function missing({ user, uid }: BoxFacts): Finding {
  const remedy = `loginctl enable-linger ${user} && sudo systemctl start user@${uid}.service`;
  return fault("delegation", `${user} has no systemd of their own that runs`, remedy);
}

function delegation({ controllers }: ManagerFacts): Finding {
  const [check, has] = ["delegation", (name: string): boolean => controllers.includes(name)];
  if (!has("memory")) {
    const message =
      "the memory controller is not handed to this user's systemd: no limit would hold";
    return fault(check, message, delegateCommand);
  }
  if (!has("pids")) {
    const message = "the pids controller is not handed to this user's systemd";
    return warning(check, `${message}: a fork bomb is not held`, delegateCommand);
  }
  return fine(check, `this user's systemd has ${controllers.join(", ")}`);
}

function peak({ hasPeak }: ManagerFacts): Finding {
  return hasPeak
    ? fine("memory.peak", "the kernel keeps the peak of each control group")
    : warning(
        "memory.peak",
        "the kernel keeps no peaks, so they are those of samples",
        "boot a kernel of 5.19 or newer",
      );
}

function pids({ uid }: BoxFacts, { pidsLeft }: ManagerFacts): Finding {
  if (pidsLeft === undefined) return fine("pids", "no limit");
  if (pidsLeft >= fewPids) return fine("pids", `${pidsLeft} processes and threads may be made`);
  const remedy = `sudo systemctl set-property user-${uid}.slice TasksMax=infinity`;
  return warning("pids", `only ${pidsLeft} more processes and threads may be made`, remedy);
}
