import { parseTOML, type AST } from "toml-eslint-parser";

/** A place in a text, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where keys and their values stand. */
interface Entry {
  readonly key: Place;
  readonly value: Place;
}

type Path = readonly PropertyKey[];

/** Where everything in a TOML text stands; the parser of the values does not tell. */
export class Places {
  readonly #entries = new Map<string, Entry>();

  /** Of a text that is good TOML; of any other nothing is known. */
  constructor(text: string) {
    let document: AST.TOMLProgram;
    try {
      document = parseTOML(text, { tomlVersion: "1.1" });
    } catch {
      return;
    }
    for (const top of document.body[0].body) this.#read(top, []);
  }

  /** Of the value at a path; of its key when the key is what is wrong. What is missing is told by what it is missing in. */
  of(path: Path, which: "key" | "value" = "value"): Place | undefined {
    for (let length = path.length; length > 0; length--) {
      const entry = this.#entries.get(textOf(path.slice(0, length)));
      if (entry !== undefined) return length === path.length ? entry[which] : entry.key;
    }
    return undefined;
  }

  /** Tables, inline tables and lists, without recursion: brackets may be deep. */
  #read(top: AST.TOMLTable | AST.TOMLKeyValue, root: Path): void {
    const open: { node: AST.TOMLTable | AST.TOMLKeyValue | AST.TOMLContentNode; path: Path }[] = [
      { node: top, path: root },
    ];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node, path } = next;
      if (node.type === "TOMLTable") {
        this.#note(node.resolvedKey, placeOf(node.key), placeOf(node.key));
        open.push(...node.body.map((inner) => ({ node: inner, path: node.resolvedKey })));
      } else if (node.type === "TOMLKeyValue") {
        open.push(...this.#readPair(node, path));
      } else if (node.type === "TOMLInlineTable") {
        open.push(...node.body.map((inner) => ({ node: inner, path })));
      } else if (node.type === "TOMLArray") {
        for (const [i, element] of node.elements.entries()) {
          this.#note([...path, i], placeOf(element), placeOf(element));
          open.push({ node: element, path: [...path, i] });
        }
      }
    }
  }

  /** `a.b = 1` is two keys; the outer one is noted where it is first met. */
  #readPair(
    { key, value }: AST.TOMLKeyValue,
    path: Path,
  ): { node: AST.TOMLContentNode; path: Path }[] {
    let inner = path;
    for (const part of key.keys) {
      inner = [...inner, part.type === "TOMLBare" ? part.name : part.value];
      this.#note(inner, placeOf(part), placeOf(value));
    }
    return [{ node: value, path: inner }];
  }

  #note(path: Path, key: Place, value: Place): void {
    const text = textOf(path);
    if (!this.#entries.has(text)) this.#entries.set(text, { key, value });
  }
}

function textOf(path: Path): string {
  return JSON.stringify(path.map(String));
}

function placeOf({ loc }: { readonly loc: AST.SourceLocation }): Place {
  return { line: loc.start.line, column: loc.start.column + 1 };
}
