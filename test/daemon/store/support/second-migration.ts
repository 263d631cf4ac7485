import { readMigrations, type Migration } from "../../../../daemon/store/migrate.ts";

/** A migration after the newest: it makes a table, fills it and rewrites every run. */
export const secondMigration: Migration = {
  version: readMigrations().length + 1,
  sql: `
    CREATE TABLE labels (n INTEGER PRIMARY KEY, label TEXT NOT NULL) STRICT;
    INSERT INTO labels
      WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 20000)
      SELECT n, hex(n) FROM counter;
    UPDATE runs SET name = 'moved-' || name;`,
};
