/** "SAI3" in the header of the file. */
export const APPLICATION_ID = 0x5341_4933;
export const FORMAT_VERSION = 1;
/** No file of ours is shorter; SQLite would take one for empty. */
export const PAGE_BYTES = 8192;

/** Who waits for the disk, and when, is for `CacheDatabase.sync` to say. */
export const SETTINGS = [
  `page_size = ${String(PAGE_BYTES)}`,
  'journal_mode = WAL',
  'synchronous = OFF',
  'wal_autocheckpoint = 0',
  'cache_size = -4096',
];

export const SCHEMA = `
CREATE TABLE value (name TEXT PRIMARY KEY, json TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;
CREATE TABLE piece (id INTEGER PRIMARY KEY, json TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;
CREATE TABLE segment (id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, checksum INTEGER NOT NULL, code INTEGER,
  unsynced BLOB NOT NULL, packed BLOB NOT NULL) STRICT;
CREATE TABLE log (id INTEGER PRIMARY KEY, piece INTEGER NOT NULL, fold INTEGER NOT NULL, sequence INTEGER NOT NULL,
  checksum INTEGER NOT NULL, records BLOB NOT NULL) STRICT;
CREATE TABLE flush (sequence INTEGER NOT NULL) STRICT;
INSERT INTO flush VALUES (0);
PRAGMA application_id = ${String(APPLICATION_ID)};
PRAGMA user_version = ${String(FORMAT_VERSION)};`;
