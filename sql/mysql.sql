-- Sets up a kernelscope database by mysql kernelscope < sql/mysql.sql
-- Made by npm run gen from the same definitions that kernelscope db init runs; running it again does nothing.

-- What the database says of itself: schema_version.
CREATE TABLE IF NOT EXISTS `meta` (
  `name` VARCHAR(191) NOT NULL PRIMARY KEY,
  `value` MEDIUMTEXT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The declared categories, built-in and added, as JSON.
CREATE TABLE IF NOT EXISTS `category` (
  `name` VARCHAR(191) NOT NULL PRIMARY KEY,
  `position` BIGINT NOT NULL,
  `definition` MEDIUMTEXT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Where batches come from: each distinct host and labels (a JSON object, keys in order) once.
CREATE TABLE IF NOT EXISTS `source` (
  `id` BIGINT NOT NULL PRIMARY KEY,
  `hash` BIGINT NOT NULL,
  `hostname` MEDIUMTEXT NOT NULL,
  `labels` MEDIUMTEXT NOT NULL,
  `seen` BIGINT NOT NULL,
  UNIQUE (`hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Each distinct string of a record once.
CREATE TABLE IF NOT EXISTS `string` (
  `id` BIGINT NOT NULL PRIMARY KEY,
  `hash` BIGINT NOT NULL,
  `value` MEDIUMTEXT NOT NULL,
  `seen` BIGINT NOT NULL,
  UNIQUE (`hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Each distinct stack once, root first, frames parted by a semicolon.
CREATE TABLE IF NOT EXISTS `stack` (
  `id` BIGINT NOT NULL PRIMARY KEY,
  `hash` BIGINT NOT NULL,
  `value` MEDIUMTEXT NOT NULL,
  `seen` BIGINT NOT NULL,
  UNIQUE (`hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One row per accepted batch; times in microseconds since 1970 UTC, key is the idempotency key.
CREATE TABLE IF NOT EXISTS `batch` (
  `id` BIGINT NOT NULL PRIMARY KEY,
  `source_id` BIGINT NOT NULL,
  `time` BIGINT NOT NULL,
  `time_first` BIGINT NOT NULL,
  `time_last` BIGINT NOT NULL,
  `received` BIGINT NOT NULL,
  `lost` BIGINT NOT NULL,
  `key` VARCHAR(191),
  `row_count` BIGINT NOT NULL,
  `accepted` MEDIUMTEXT NOT NULL,
  UNIQUE (`key`),
  INDEX `batch_time_last` (`time_last`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT IGNORE INTO `meta` (`name`, `value`) VALUES ('schema_version', '4');

-- The records of offcputime; read them through the view offcputime.
CREATE TABLE IF NOT EXISTS `offcputime_row` (
  `batch_id` BIGINT NOT NULL,
  `seq` BIGINT NOT NULL,
  `process` BIGINT NOT NULL,
  `pid` BIGINT NOT NULL,
  `stack` BIGINT NOT NULL,
  `elapsed` BIGINT NOT NULL,
  `count` BIGINT,
  `max` BIGINT,
  `state` BIGINT,
  `time_offset` BIGINT,
  PRIMARY KEY (`batch_id`, `seq`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What each batch's records of offcputime come to, packed; kernelscope db rebuild makes it anew from the rows.
CREATE TABLE IF NOT EXISTS `offcputime_summary` (
  `batch_id` BIGINT NOT NULL PRIMARY KEY,
  `by_stack` LONGBLOB NOT NULL,
  `by_all` LONGBLOB NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE OR REPLACE VIEW `offcputime` AS
SELECT origin.hostname AS `hostname`, TIMESTAMPADD(MICROSECOND, (b.time + COALESCE(r.time_offset, 0)), TIMESTAMP'1970-01-01 00:00:00') AS `time`, `process_entry`.value AS `process`, r.`pid` AS `pid`, `stack_entry`.value AS `stack`, r.`elapsed` AS `elapsed`, r.`count` AS `count`, r.`max` AS `max`, `state_entry`.value AS `state`
FROM batch AS b STRAIGHT_JOIN `offcputime_row` AS r ON r.batch_id = b.id
JOIN source AS origin ON origin.id = b.source_id
LEFT JOIN `string` AS `process_entry` ON `process_entry`.id = r.`process`
LEFT JOIN `stack` AS `stack_entry` ON `stack_entry`.id = r.`stack`
LEFT JOIN `string` AS `state_entry` ON `state_entry`.id = r.`state`;

INSERT IGNORE INTO `category` (`name`, `position`, `definition`) VALUES ('offcputime', 0, '{"name":"offcputime","prettyName":"Off-CPU time","columns":[{"name":"process","type":"string","prettyName":"Process"},{"name":"pid","type":"int","prettyName":"PID"},{"name":"stack","type":"stack","prettyName":"Stack"},{"name":"elapsed","type":"elapsed","prettyName":"Elapsed","unit":"ns"},{"name":"count","type":"int","prettyName":"Blocks","optional":true},{"name":"max","type":"elapsed","prettyName":"Longest","unit":"ns","optional":true},{"name":"state","type":"string","prettyName":"State","optional":true}]}');
