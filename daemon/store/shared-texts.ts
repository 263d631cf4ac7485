import type { Database } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";
import type { Plan } from "../domain/plan.ts";
import { fromJson, toJson, type JsonText } from "./json-column.ts";

type Environment = Readonly<Record<string, string>>;

/** Text of the plans that are kept parsed; a plan of 10,000 steps has about 4 MiB. */
const keptCharacters = 8 * 1024 ** 2;

interface Parsed {
  readonly plan: Plan;
  readonly characters: number;
}

/**
 * Plans and environments: large, and the same for many runs, so they are kept once per digest. The plans
 * that were used last stay parsed: every step of a run asks for its plan again.
 */
export class SharedTexts {
  readonly #hasPlan;
  readonly #insertPlan;
  readonly #planDigestOf;
  readonly #plan;
  readonly #hasEnvironment;
  readonly #insertEnvironment;
  readonly #environmentOf;
  /** The plan that was used last is the last. */
  readonly #parsed = new Map<string, Parsed>();
  #parsedCharacters = 0;

  constructor(database: Database) {
    this.#hasPlan = database.prepare<[string]>("SELECT 1 FROM plans WHERE digest = ?");
    this.#insertPlan = database.prepare<[string, JsonText<Plan>]>(
      "INSERT INTO plans (digest, plan_json) VALUES (?, ?)",
    );
    this.#planDigestOf = database.prepare<[RunId], { digest: string }>(
      "SELECT plan_digest AS digest FROM runs WHERE id = ?",
    );
    this.#plan = database.prepare<[string], { text: JsonText<Plan> }>(
      "SELECT plan_json AS text FROM plans WHERE digest = ?",
    );
    this.#hasEnvironment = database.prepare<[string]>(
      "SELECT 1 FROM environments WHERE digest = ?",
    );
    this.#insertEnvironment = database.prepare<[string, JsonText<Environment>]>(
      "INSERT INTO environments (digest, environment_json) VALUES (?, ?)",
    );
    this.#environmentOf = database.prepare<[RunId], { text: JsonText<Environment> }>(
      `SELECT environment_json AS text
       FROM runs JOIN environments ON digest = environment_digest WHERE id = ?`,
    );
  }

  // Both look before they turn the value into text: mostly it is there already.

  keepPlan(digest: string, plan: Plan): void {
    if (this.#hasPlan.get(digest) !== undefined) return;
    const text = toJson(plan);
    this.#insertPlan.run(digest, text);
    this.#remember(digest, { plan, characters: text.length });
  }

  keepEnvironment(digest: string, environment: Environment): void {
    if (this.#hasEnvironment.get(digest) === undefined) {
      this.#insertEnvironment.run(digest, toJson(environment));
    }
  }

  planOf(id: RunId): Plan | undefined {
    const digest = this.#planDigestOf.get(id)?.digest;
    return digest === undefined ? undefined : this.#planBy(digest);
  }

  environmentOf(id: RunId): Record<string, string> | undefined {
    const row = this.#environmentOf.get(id);
    return row && fromJson(row.text);
  }

  #planBy(digest: string): Plan | undefined {
    const known = this.#parsed.get(digest);
    if (known !== undefined) {
      this.#parsed.delete(digest);
      this.#parsed.set(digest, known);
      return known.plan;
    }
    const row = this.#plan.get(digest);
    if (row === undefined) return undefined;
    const plan = fromJson(row.text);
    this.#remember(digest, { plan, characters: row.text.length });
    return plan;
  }

  #remember(digest: string, parsed: Parsed): void {
    this.#parsedCharacters += parsed.characters - (this.#parsed.get(digest)?.characters ?? 0);
    this.#parsed.set(digest, parsed);
    for (const [oldest, { characters }] of this.#parsed) {
      if (this.#parsedCharacters <= keptCharacters || oldest === digest) return;
      this.#parsed.delete(oldest);
      this.#parsedCharacters -= characters;
    }
  }
}
