import { lstatSync, unlinkSync, type Stats } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { makeDirectory } from "../base/make-directory.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { longestSocketPathBytes } from "../domain/host.ts";
import { err, ok, type Result } from "../domain/result.ts";

/** The very file a socket was bound to, so that one of the same name is not taken for it. */
export interface SocketIdentity {
  readonly device: number;
  readonly inode: number;
}

/**
 * Makes a path ready to be bound: its directory is ours alone, and nothing is in the way. A socket
 * that nobody answers is removed, so call this only while holding the daemon's lock.
 */
export async function clearSocketPath(path: string, mode: number): Promise<Result<void, Failure>> {
  const bytes = Buffer.byteLength(path);
  if (bytes > longestSocketPathBytes || path.includes("\0")) {
    return unusable(
      `the socket's path has ${bytes} bytes and a Unix socket can have ${longestSocketPathBytes}`,
      "choose a shorter runtime directory",
    );
  }
  const directory = checkDirectory(dirname(path), mode);
  if (!directory.ok) return directory;
  const found = statOf(path);
  if (found === undefined) return ok(undefined);
  if (!found.isSocket()) {
    return unusable(`${path} is there and is not a socket`, `move it away: mv ${path} ${path}.old`);
  }
  if (await isAnswered(path)) {
    return err(
      failure(
        "state-in-use",
        `another daemon answers on ${path}`,
        "use that one (`blutctl`), or stop it first",
      ),
    );
  }
  if (sameFile(statOf(path), identityOf(found))) unlinkSync(path);
  return ok(undefined);
}

/** What is at the path now, if it is a socket. */
export function socketAt(path: string): SocketIdentity | undefined {
  const found = statOf(path);
  return found?.isSocket() === true ? identityOf(found) : undefined;
}

/** Tells whether a socket is, or if somebody removed it was, open to a group: then its directory is as well. */
export function isForGroup(path: string): boolean {
  const found = statOf(path) ?? statOf(dirname(path));
  return ((found?.mode ?? 0) & 0o050) !== 0;
}

/** Tells whether a path still leads to the socket that was bound there. */
export function isStillBound(path: string, identity: SocketIdentity): boolean {
  return sameFile(statOf(path), identity);
}

/**
 * Made if need be; a directory that others can enter or that is not ours is refused, never mended. Where the
 * socket (`mode`) is a group's, everybody may enter: the socket itself says who may use it.
 */
function checkDirectory(path: string, mode: number): Result<void, Failure> {
  const closed = (mode & 0o060) === 0 ? 0o077 : 0o022;
  try {
    makeDirectory(path, 0o700);
  } catch (error) {
    return unusable(`${path} cannot be made: ${String(error)}`, "choose another runtime directory");
  }
  const found = lstatSync(path);
  const uid = process.getuid?.();
  if (!found.isDirectory() || found.uid !== uid || (found.mode & closed) !== 0) {
    const its = (found.mode & 0o777).toString(8);
    return err(
      failure(
        "state-unsafe",
        `${path} must be a directory of uid ${uid ?? -1} with mode 700, and is of uid ${found.uid} with mode ${its}`,
        `chmod 700 ${path}, or choose a directory of your own`,
      ),
    );
  }
  return ok(undefined);
}

/** Only a refused connection proves that nobody listens: any other trouble may be a busy daemon. */
export function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
    });
  });
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function identityOf(found: Stats): SocketIdentity {
  return { device: found.dev, inode: found.ino };
}

function sameFile(found: Stats | undefined, identity: SocketIdentity): boolean {
  return found?.ino === identity.inode && found.dev === identity.device;
}

function unusable(message: string, remedy: string): Result<never, Failure> {
  return err(failure("socket-unusable", message, remedy));
}
