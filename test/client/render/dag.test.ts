import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawDag, type DagNode } from "../../../client/render/dag.ts";

const unicode = { unicode: true, mostLanes: 12 };

/** `b a` is a node b that needs a. */
function nodes(...lines: readonly string[]): DagNode[] {
  return lines.map((line) => {
    const [name = "", ...needs] = line.split(" ");
    return { name, needs };
  });
}

describe("a DAG is drawn", () => {
  it("as one lane where it is a chain", () => {
    expect(drawDag(nodes("a", "b a", "c b"), unicode)).toEqual(["○", "●", "●"]);
  });

  it("with lanes that branch off and come together", () => {
    const drawn = drawDag(nodes("setup", "data", "x data setup", "y data", "all x y"), unicode);
    expect(drawn).toEqual([
      "○", //
      "│ ○",
      "●─┤",
      "│ ●",
      "●─╯",
    ]);
  });

  it("with a line behind the lanes that it passes", () => {
    const drawn = drawDag(nodes("a", "b", "c", "d a c", "e a b c d"), unicode);
    expect(drawn).toEqual([
      "○", //
      "│ ○",
      "│ │ ○",
      "├─│─┼─●",
      "●─┴─┴─╯",
    ]);
  });

  it("in plain letters where the terminal has no others", () => {
    const drawn = drawDag(nodes("a", "b a", "c a", "d b c"), { unicode: false, mostLanes: 12 });
    expect(drawn).toEqual(["o", "+-*", "* |", "*-'"]);
  });

  it("not at all where it takes too many lanes", () => {
    const many = nodes("a", "b", "c", "d", "e a b c d");
    expect(drawDag(many, { unicode: true, mostLanes: 3 })).toBeUndefined();
    expect(drawDag(many, { unicode: true, mostLanes: 4 })).toHaveLength(5);
  });
});

it("each step has one line, and every lane that leads down goes on below", () => {
  const dag = fc
    .array(fc.array(fc.nat(20), { maxLength: 4 }), { minLength: 1, maxLength: 20 })
    .map((all) =>
      all.map((needs, i) => ({
        name: `s${i}`,
        needs: [...new Set(needs.filter((need) => need < i).map((need) => `s${need}`))],
      })),
    );
  fc.assert(
    fc.property(dag, (all) => {
      const lines = drawDag(all, { unicode: true, mostLanes: 100 }) ?? [];
      expect(lines).toHaveLength(all.length);
      for (const [i, line] of lines.entries()) {
        expect(line.match(/[○●]/g)).toHaveLength(1);
        for (const [column, mark] of Array.from(line).entries()) {
          const below = lines[i + 1]?.[column] ?? " ";
          if ("│├┤┼".includes(mark)) expect("│├┤┼┴╯╰●").toContain(below);
          if ("├┤┼┴╯╰".includes(mark)) expect("│├┤┼●○").toContain(lines[i - 1]?.[column]);
        }
      }
    }),
  );
});
