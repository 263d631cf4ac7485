import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples, helpText } from "../help-text.ts";
import { usage } from "../refusal.ts";
import { prose } from "../render/prose.ts";
import type { Style } from "../render/style.ts";
import { isTopic, topics, type TopicRow } from "../topics.ts";
import type { Act, FindVerb } from "../verb.ts";

/** A name past this has a line of its own. */
const widestName = 24;

/** `help`: on everything, on a verb, or on what is no verb. */
export function define(command: Command, act: Act, find: FindVerb): void {
  command.description("Show help on everything, on a verb, or on a topic.");
  addExamples(command, "blutctl help recipe run", "blutctl help exit-codes");
  const lines = Object.entries(topics).map(
    ([word, { summary }]) => `  ${word.padEnd(13)}${summary}`,
  );
  command.addHelpText("after", ["", "Topics:", ...lines].join("\n"));
  command
    .argument("[topic...]", "a verb and those under it, or a topic")
    .action((words: string[]) =>
      act(command, async (session) => {
        const [topic, ...inner] = words;
        const { output } = session;
        if (isTopic(topic)) {
          output.answer(topics[topic].rows, topicTable);
          return exitCodes.success.code;
        }
        // This verb itself is defined already: it is the one that runs.
        const isSelf = topic === command.name();
        const verb = topic === undefined ? command.parent : isSelf ? command : await find(topic);
        const about = inner.reduce<Command | null | undefined>(
          (outer, name) => outer?.commands.find((each) => each.name() === name),
          verb,
        );
        if (about == null) {
          return session.refuse(
            usage(`no help on '${words.join(" ")}'`, "`blutctl help` lists the verbs"),
          );
        }
        const text = helpText(about).trimEnd();
        if (output.json) output.value({ help: text });
        else output.result(text);
        return exitCodes.success.code;
      }),
    );
}

/** Names in a column, or above what they mean where they are long. */
function topicTable(rows: readonly TopicRow[], style: Style): string {
  const longest = Math.max(...rows.map(({ name }) => name.length));
  return rows
    .map(({ name, meaning }) =>
      longest > widestName
        ? `${name}\n    ${prose(style, meaning, 4)}`
        : `${name.padEnd(longest)}  ${prose(style, meaning, longest + 2)}`,
    )
    .join("\n");
}
