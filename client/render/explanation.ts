import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { bar } from "./bar.ts";
import { formatBytes, formatBytesShort } from "./bytes.ts";
import { escapeText } from "./escape.ts";
import { heading, prose } from "./prose.ts";
import { calibrationWords } from "./calibration-words.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

type Explained = MethodResult<"run.explain">;
type Holder = Explained["holders"][number];

const barCells = 20;

/** Why a run is where it is, in sentences: how it stands, its limit, what it waits for, who holds what. */
export function explanation(explained: Explained, style: Style): string {
  const { limit, calibration, wait, step } = explained;
  const of = step === undefined ? "Its limit" : `The limit of ${escapeText(step, style.unicode)}`;
  const parts = [
    headline(explained, style),
    part(style, of, [
      prose(style, limit.sentence),
      prose(style, `Known of ${calibration.key}: ${calibrationWords(calibration)}.`),
    ]),
    wait === undefined ? "" : part(style, "What it waits for", waiting(explained, style)),
    wait === undefined ? "" : part(style, "What the box has", room(explained, style)),
  ];
  return parts.filter((text) => text !== "").join("\n\n");
}

function headline({ id, sentence }: Explained, style: Style): string {
  const words = prose(style, `${id}  ${sentence}`);
  return heading(style, id) + words.slice(id.length);
}

function part(style: Style, title: string, lines: readonly string[]): string {
  return [heading(style, title), ...lines.filter((line) => line !== "")].join("\n");
}

function waiting({ wait, ahead }: Explained, style: Style): string[] {
  if (wait === undefined) return [];
  const order = ahead === undefined || ahead === 0 ? "" : `${ahead} ready before it in the queue.`;
  return [
    prose(style, `${wait.reason}: ${wait.message}`),
    prose(style, `What helps: ${wait.unblocks}`),
    order,
  ];
}

function room({ budget, holders }: Explained, style: Style): string[] {
  const free = Math.max(0, budget.totalBytes - budget.reservedBytes);
  const drawn = bar(style, { used: budget.reservedBytes, total: budget.totalBytes }, barCells);
  const holding =
    holders.length === 0
      ? "Nothing of blut's holds memory."
      : table<Holder>(
          style,
          [
            { title: "HELD BY", cell: ({ runId }) => runId },
            { title: "NAME", cell: ({ name }) => name, shrinksTo: 8 },
            {
              title: "SHARE",
              cell: () => " ".repeat(barCells),
              color: (s, text, { limitBytes, usedBytes }) =>
                bar(
                  s,
                  { used: usedBytes ?? 0, held: limitBytes, total: budget.totalBytes },
                  text.length - (s.unicode ? 0 : 2),
                ),
            },
            { title: "USED/LIMIT", cell: usedOfLimit, align: "right" },
          ],
          holders,
        );
  return [
    `${drawn} ${formatBytes(free)} of the budget of ${formatBytes(budget.totalBytes)} is free`,
    `${formatBytes(budget.availableBytes)} available on the box, ${formatBytes(budget.reserveBytes)} of it kept free`,
    holding,
  ];
}

function usedOfLimit({ usedBytes, limitBytes }: Holder): string {
  const used = usedBytes === undefined ? "?" : formatBytesShort(usedBytes);
  return `${used}/${formatBytesShort(limitBytes)}`;
}
