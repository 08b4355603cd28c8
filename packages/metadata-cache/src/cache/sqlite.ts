import type { DatabaseSync } from 'node:sqlite';

/** Opens a file with the SQLite of Node.js, which is loaded only now: Node.js 22 warns when it is. */
export function openSqlite(path: string): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  return new DatabaseSync(path);
}
