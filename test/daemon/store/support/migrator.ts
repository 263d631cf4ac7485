/**
 * A small program that opens a database with one migration more than the one it is at:
 * `migrator.ts FILE`. The migration is long enough for a kill to fall into it.
 */
import { writeSync } from "node:fs";
import { systemClock } from "../../../../daemon/base/clock.ts";
import { readMigrations } from "../../../../daemon/store/migrate.ts";
import { Store } from "../../../../daemon/store/store.ts";
import { secondMigration } from "./second-migration.ts";
import { unwrap } from "./rows.ts";

const [, , file = ""] = process.argv;
writeSync(1, "opening\n");
const migrations = [...readMigrations(), secondMigration];
unwrap(Store.open(file, systemClock, { migrations })).close();
writeSync(1, "migrated\n");
