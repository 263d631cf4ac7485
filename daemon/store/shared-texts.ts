import type { Database } from "better-sqlite3";
import type { RunId } from "../domain/ids.ts";
import type { Plan } from "../domain/plan.ts";
import { fromJson, toJson, type JsonText } from "./json-column.ts";

type Environment = Readonly<Record<string, string>>;

/** Plans and environments: large, and the same for many runs, so they are kept once per digest. */
export class SharedTexts {
  readonly #hasPlan;
  readonly #insertPlan;
  readonly #planOf;
  readonly #hasEnvironment;
  readonly #insertEnvironment;
  readonly #environmentOf;

  constructor(database: Database) {
    this.#hasPlan = database.prepare<[string]>("SELECT 1 FROM plans WHERE digest = ?");
    this.#insertPlan = database.prepare<[string, JsonText<Plan>]>(
      "INSERT INTO plans (digest, plan_json) VALUES (?, ?)",
    );
    this.#planOf = database.prepare<[RunId], { text: JsonText<Plan> }>(
      "SELECT plan_json AS text FROM runs JOIN plans ON digest = plan_digest WHERE id = ?",
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
    if (this.#hasPlan.get(digest) === undefined) this.#insertPlan.run(digest, toJson(plan));
  }

  keepEnvironment(digest: string, environment: Environment): void {
    if (this.#hasEnvironment.get(digest) === undefined) {
      this.#insertEnvironment.run(digest, toJson(environment));
    }
  }

  planOf(id: RunId): Plan | undefined {
    const row = this.#planOf.get(id);
    return row && fromJson(row.text);
  }

  environmentOf(id: RunId): Record<string, string> | undefined {
    const row = this.#environmentOf.get(id);
    return row && fromJson(row.text);
  }
}
