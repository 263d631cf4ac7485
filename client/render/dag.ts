/** A step as a drawing sees it; each stands after those it needs. */
export interface DagNode {
  readonly name: string;
  readonly needs: readonly string[];
}

/** Characters of a drawing. */
interface Pen {
  /** A node that needs nothing: no lane leads into it, whatever stands above it. */
  readonly root: string;
  readonly node: string;
  readonly along: string;
  readonly across: string;
  /** By the ways that lead away from a branch: down, left and right. */
  readonly branch: Readonly<Record<string, string>>;
}

const boxes: Pen = {
  root: "○",
  node: "●",
  along: "│",
  across: "─",
  branch: { dlr: "┼", dl: "┤", dr: "├", lr: "┴", l: "╯", r: "╰" },
};
const ascii: Pen = {
  root: "o",
  node: "*",
  along: "|",
  across: "-",
  branch: { dlr: "+", dl: "+", dr: "+", lr: "+", l: "'", r: "'" },
};

/**
 * Draws a DAG as a column of lines, one for each node: a lane leads down from each node to the last that
 * needs it, and branches off to the others. Undefined when that takes more than `mostLanes`.
 */
export function drawDag(
  nodes: readonly DagNode[],
  { unicode, mostLanes }: { readonly unicode: boolean; readonly mostLanes: number },
): string[] | undefined {
  const drawing = new Drawing(nodes, unicode ? boxes : ascii);
  const lines: string[] = [];
  for (const node of nodes) {
    lines.push(drawing.draw(node));
    if (drawing.width > mostLanes) return undefined;
  }
  return lines;
}

class Drawing {
  readonly #pen: Pen;
  /** How many nodes further down need each one. */
  readonly #uses = new Map<string, number>();
  /** The node that each lane comes from. */
  readonly #lanes: (string | undefined)[] = [];

  constructor(nodes: readonly DagNode[], pen: Pen) {
    this.#pen = pen;
    for (const { needs } of nodes) {
      for (const need of new Set(needs)) this.#uses.set(need, (this.#uses.get(need) ?? 0) + 1);
    }
  }

  get width(): number {
    return this.#lanes.length;
  }

  draw({ name, needs }: DagNode): string {
    const joins = [...this.#lanes.keys()].filter((lane) => this.#comesFrom(lane, needs));
    const ends = joins.filter((lane) => this.#use(lane) === 0);
    const free = this.#lanes.indexOf(undefined);
    const at = ends[0] ?? (free === -1 ? this.#lanes.length : free);
    const line = this.#line(at, joins, ends);
    for (const lane of ends) this.#lanes[lane] = undefined;
    this.#lanes[at] = (this.#uses.get(name) ?? 0) > 0 ? name : undefined;
    while (this.#lanes.length > 0 && this.#lanes.at(-1) === undefined) this.#lanes.pop();
    return line;
  }

  #comesFrom(lane: number, needs: readonly string[]): boolean {
    const source = this.#lanes[lane];
    return source !== undefined && needs.includes(source);
  }

  /** Counts one use of a lane; answers how many are left. */
  #use(lane: number): number {
    const source = this.#lanes[lane] ?? "";
    const left = (this.#uses.get(source) ?? 1) - 1;
    this.#uses.set(source, left);
    return left;
  }

  #line(at: number, joins: readonly number[], ends: readonly number[]): string {
    const { root, node, along, across, branch } = this.#pen;
    const [first, last] = [Math.min(at, ...joins), Math.max(at, ...joins)];
    let line = "";
    for (let lane = 0; lane < Math.max(this.#lanes.length, at + 1); lane++) {
      const isCrossed = lane > first && lane < last;
      if (lane === at) line += joins.length === 0 ? root : node;
      else if (joins.includes(lane)) {
        const ways = `${ends.includes(lane) ? "" : "d"}${lane > first ? "l" : ""}${lane < last ? "r" : ""}`;
        line += branch[ways] ?? along;
      } else if (this.#lanes[lane] !== undefined) line += along;
      else line += isCrossed ? across : " ";
      line += lane >= first && lane < last ? across : " ";
    }
    return line.trimEnd();
  }
}
