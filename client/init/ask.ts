import type { Surroundings } from "../session.ts";

/** What came of a question. */
export type Said = "yes" | "no" | "interrupted";

interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Asks a person; the end of the input is a no. */
export async function ask(
  question: string,
  { stdin: input, stderr: output }: Streams,
  around: Pick<Surroundings, "onInterrupt">,
): Promise<Said> {
  // Bundled, an import at the top would be paid by every verb.
  const { createInterface } = await import("node:readline/promises");
  const dialogue = createInterface({ input, output });
  const { promise, resolve } = Promise.withResolvers<Said>();
  const unanswered = (said: Said) => (): void => {
    output.write("\n");
    resolve(said);
  };
  const interrupt = unanswered("interrupted");
  // Where stderr is no terminal a Ctrl-C is a signal, elsewhere a key.
  const stopListening = around.onInterrupt(interrupt);
  const noMore = unanswered("no");
  dialogue.once("SIGINT", interrupt).once("close", noMore);
  dialogue.question(question).then(
    (text) => {
      resolve(/^y(es)?$/i.test(text.trim()) ? "yes" : "no");
    },
    // It was closed, which has been answered.
    () => undefined,
  );
  try {
    return await promise;
  } finally {
    stopListening();
    dialogue.off("close", noMore).close();
  }
}
