import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Content } from "../../../daemon/artifacts/content.ts";
import { digestOf } from "../../../daemon/base/digest.ts";
import { failureOf, unwrap } from "../store/support/rows.ts";
import { lay, Shop, scratch } from "./support/shop.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

async function contentOf(shop: Shop, path: string): Promise<Content> {
  return unwrap(await shop.digester.contentOf(path));
}

/** Makes a file look as if nobody had written to it for an hour. */
function age(path: string): void {
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(path, hourAgo, hourAgo);
}

describe("a digest", () => {
  test("of a file is the one sha256sum tells, whatever its size", async () => {
    const shop = new Shop();
    const piece = 1024 ** 2;
    for (const size of [0, 1, piece - 1, piece, piece + 1, 3 * piece]) {
      const file = join(shop.directory, `f${size}`);
      writeFileSync(file, Buffer.alloc(size, "x"));
      const [told] = execFileSync("sha256sum", [file], { encoding: "utf8" }).split(" ");
      expect(await contentOf(shop, file)).toStrictEqual({
        type: "file",
        digest: told,
        bytes: size,
        files: 1,
      });
    }
  });

  test("of a tree is that of the canonical JSON of its sorted entries", async () => {
    const shop = new Shop();
    const path = lay(join(shop.directory, "tree"), {
      "b/deep": "1",
      a: { program: "#!" },
      'odd "name"\n\u{1F600}': "2",
    });
    const deep = { name: "deep", type: "file", digest: sha256("1") };
    const entries = [
      { name: "a", type: "program", digest: sha256("#!") },
      { name: "b", type: "tree", digest: digestOf([deep]) },
      { name: 'odd "name"\n\u{1F600}', type: "file", digest: sha256("2") },
    ];
    expect(await contentOf(shop, path)).toStrictEqual({
      type: "tree",
      digest: digestOf(entries),
      bytes: 4,
      files: 3,
    });
  });

  test("follows links, of files and of directories, inside and outside", async () => {
    const shop = new Shop();
    const outside = lay(join(shop.directory, "outside"), { f: "far" });
    const plain = lay(join(shop.directory, "plain"), {
      "a/x": "1",
      "b/x": "1",
      c: "far",
      "d/f": "far",
    });
    const linked = lay(join(shop.directory, "linked"), { "a/x": "1" });
    symlinkSync("a", join(linked, "b"));
    symlinkSync(join(outside, "f"), join(linked, "c"));
    symlinkSync(outside, join(linked, "d"));
    expect(await contentOf(shop, linked)).toStrictEqual(await contentOf(shop, plain));
    symlinkSync(linked, join(shop.directory, "whole"));
    const whole = await contentOf(shop, join(shop.directory, "whole"));
    expect(whole).toStrictEqual(await contentOf(shop, plain));
  });

  test("a tree as deep as a path can be is no problem", async () => {
    const shop = new Shop();
    let path = join(shop.directory, "deep");
    mkdirSync(path);
    for (let depth = 0; depth < 1000; depth++) mkdirSync((path += "/d"));
    writeFileSync(`${path}/f`, "end");
    expect(await contentOf(shop, join(shop.directory, "deep"))).toMatchObject({
      files: 1,
      bytes: 3,
    });
  });
});

describe("bad input is named", () => {
  test.each([
    ["what is not there", (d: string) => join(d, "none"), /\/none is not there$/],
    ["a path through a file", (d: string) => join(lay(d, { f: "" }), "f/x"), /above it is a file/],
    [
      "a link that leads nowhere",
      (d: string) => {
        symlinkSync("nothing", join(d, "l"));
        return d;
      },
      /\/l is a link that leads nowhere$/,
    ],
    [
      "a link to a directory around it",
      (d: string) => {
        mkdirSync(join(d, "sub"));
        symlinkSync("..", join(d, "sub/up"));
        return d;
      },
      /\/sub\/up is a link that leads in a circle$/,
    ],
    [
      "a FIFO",
      (d: string) => {
        execFileSync("mkfifo", [join(d, "pipe")]);
        return d;
      },
      /\/pipe is a FIFO: it has no content$/,
    ],
    ["a device", () => "/dev/null", /\/dev\/null is a device/],
    [
      "a name that is no text",
      (d: string) => {
        writeFileSync(Buffer.concat([Buffer.from(`${d}/`), Buffer.from([0xff])]), "");
        return d;
      },
      /holds a name that is not UTF-8$/,
    ],
  ])("%s", async (_, make, sentence) => {
    const shop = new Shop();
    const refused = failureOf(await shop.digester.contentOf(make(scratch())));
    expect(refused.reason).toBe("bad-input");
    expect(refused.message).toMatch(sentence);
  });

  test("a socket", async () => {
    const shop = new Shop();
    const server = createServer().listen(join(shop.directory, "s"));
    onTestFinished(() => {
      server.close();
    });
    await once(server, "listening");
    const refused = failureOf(await shop.digester.contentOf(shop.directory));
    expect(refused.message).toMatch(/\/s is a socket: it has no content$/);
  });
});

describe("what has not changed is not read again", () => {
  /** A shop to whose clock everything that was just written is old. */
  const later = (): Shop => new Shop({ aheadMs: 10_000 });

  test("a tree, and only the file in it that changed is", async () => {
    const shop = later();
    const path = lay(join(shop.directory, "tree"), { a: "1234", "b/c": "56789" });
    const content = await contentOf(shop, path);
    expect(await contentOf(shop, path)).toStrictEqual(content);
    expect(shop.digester.readBytes).toBe(9);
    const { mtime } = statSync(join(path, "a"));
    // The same length, the same time: only the change time tells.
    writeFileSync(join(path, "a"), "4321");
    utimesSync(join(path, "a"), mtime, mtime);
    expect((await contentOf(shop, path)).digest).not.toBe(content.digest);
    expect(shop.digester.readBytes).toBe(13);
    // Another file in its place, older than the one that was read.
    writeFileSync(join(shop.directory, "other"), "9999");
    age(join(shop.directory, "other"));
    renameSync(join(shop.directory, "other"), join(path, "b/c"));
    writeFileSync(join(path, "a"), "1234");
    const last = await contentOf(shop, path);
    expect(last.digest).not.toBe(content.digest);
    expect(last.bytes).toBe(8);
  });

  test("but what changed a moment before it was read is: it may change once more unseen", async () => {
    const shop = new Shop();
    const file = join(shop.directory, "f");
    writeFileSync(file, "first");
    const first = await contentOf(shop, file);
    expect(shop.store.fileDigests.get(file)).toBeUndefined();
    writeFileSync(file, "other");
    expect((await contentOf(shop, file)).digest).not.toBe(first.digest);
    expect(shop.digester.readBytes).toBe(10);
  });

  test("a mode and a second name change no bytes; a program is seen without reading", async () => {
    const shop = later();
    const path = lay(join(shop.directory, "tree"), { run: "echo" });
    const content = await contentOf(shop, path);
    chmodSync(join(path, "run"), 0o755);
    const program = await contentOf(shop, path);
    expect(program.digest).not.toBe(content.digest);
    linkSync(join(path, "run"), join(shop.directory, "second"));
    rmSync(join(shop.directory, "second"));
    expect(await contentOf(shop, path)).toStrictEqual(program);
  });
});
