-- Sets up a kernelscope database by sqlite3 kernelscope.db < sql/sqlite.sql
-- Made by npm run gen from the same definitions that kernelscope db init runs; running it again does nothing.

PRAGMA auto_vacuum = INCREMENTAL;

PRAGMA journal_mode = WAL;

PRAGMA application_id = 1263747920;

-- What the database says of itself: schema_version.
CREATE TABLE IF NOT EXISTS "meta" (
  "name" TEXT NOT NULL PRIMARY KEY,
  "value" TEXT NOT NULL
) WITHOUT ROWID;

-- The declared categories, built-in and added, as JSON.
CREATE TABLE IF NOT EXISTS "category" (
  "name" TEXT NOT NULL PRIMARY KEY,
  "position" INTEGER NOT NULL,
  "definition" TEXT NOT NULL
) WITHOUT ROWID;

-- Where batches come from: each distinct host and labels (a JSON object, keys in order) once.
CREATE TABLE IF NOT EXISTS "source" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "hash" INTEGER NOT NULL,
  "hostname" TEXT NOT NULL,
  "labels" TEXT NOT NULL,
  "seen" INTEGER NOT NULL,
  UNIQUE ("hash")
);

-- Each distinct string of a record once.
CREATE TABLE IF NOT EXISTS "string" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "hash" INTEGER NOT NULL,
  "value" TEXT NOT NULL,
  "seen" INTEGER NOT NULL,
  UNIQUE ("hash")
);

-- Each distinct stack once, root first, frames parted by a semicolon.
CREATE TABLE IF NOT EXISTS "stack" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "hash" INTEGER NOT NULL,
  "value" TEXT NOT NULL,
  "seen" INTEGER NOT NULL,
  UNIQUE ("hash")
);

-- One row per accepted batch; times in microseconds since 1970 UTC, key is the idempotency key.
CREATE TABLE IF NOT EXISTS "batch" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "source_id" INTEGER NOT NULL,
  "time" INTEGER NOT NULL,
  "time_first" INTEGER NOT NULL,
  "time_last" INTEGER NOT NULL,
  "received" INTEGER NOT NULL,
  "lost" INTEGER NOT NULL,
  "key" TEXT,
  "row_count" INTEGER NOT NULL,
  "accepted" TEXT NOT NULL,
  UNIQUE ("key")
);

CREATE INDEX IF NOT EXISTS "batch_time_last" ON "batch" ("time_last");

INSERT OR IGNORE INTO "meta" (name, value) VALUES ('schema_version', '4');

-- The records of offcputime; read them through the view offcputime.
CREATE TABLE IF NOT EXISTS "offcputime_row" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "process" INTEGER NOT NULL,
  "pid" INTEGER NOT NULL,
  "stack" INTEGER NOT NULL,
  "elapsed" INTEGER NOT NULL,
  "count" INTEGER,
  "max" INTEGER,
  "state" INTEGER,
  "time_offset" INTEGER
);

-- What each batch's records of offcputime come to, packed; kernelscope db rebuild makes it anew from the rows.
CREATE TABLE IF NOT EXISTS "offcputime_summary" (
  "batch_id" INTEGER NOT NULL PRIMARY KEY,
  "by_stack" BLOB NOT NULL,
  "by_all" BLOB NOT NULL
);

DROP VIEW IF EXISTS "offcputime";

CREATE VIEW "offcputime" AS
SELECT origin.hostname AS "hostname", strftime('%Y-%m-%d %H:%M:%S', ((b.time + COALESCE(r.time_offset, 0)) - (((b.time + COALESCE(r.time_offset, 0)) % 1000000 + 1000000) % 1000000)) / 1000000, 'unixepoch') || printf('.%06d', (((b.time + COALESCE(r.time_offset, 0)) % 1000000 + 1000000) % 1000000)) AS "time", "process_entry".value AS "process", r."pid" AS "pid", "stack_entry".value AS "stack", r."elapsed" AS "elapsed", r."count" AS "count", r."max" AS "max", "state_entry".value AS "state"
FROM batch AS b CROSS JOIN "offcputime_row" AS r ON r.id >= b.id AND r.id < b.id + b.row_count
JOIN source AS origin ON origin.id = b.source_id
LEFT JOIN "string" AS "process_entry" ON "process_entry".id = r."process"
LEFT JOIN "stack" AS "stack_entry" ON "stack_entry".id = r."stack"
LEFT JOIN "string" AS "state_entry" ON "state_entry".id = r."state";

INSERT OR IGNORE INTO "category" (name, position, definition) VALUES ('offcputime', 0, '{"name":"offcputime","prettyName":"Off-CPU time","columns":[{"name":"process","type":"string","prettyName":"Process"},{"name":"pid","type":"int","prettyName":"PID"},{"name":"stack","type":"stack","prettyName":"Stack"},{"name":"elapsed","type":"elapsed","prettyName":"Elapsed","unit":"ns"},{"name":"count","type":"int","prettyName":"Blocks","optional":true},{"name":"max","type":"elapsed","prettyName":"Longest","unit":"ns","optional":true},{"name":"state","type":"string","prettyName":"State","optional":true}]}');
