import type { DatabaseSync, StatementSync } from "node:sqlite";

const texts = {
  meta: "SELECT value FROM meta WHERE name = ?",
  setMeta: "UPDATE meta SET value = ? WHERE name = ?",
  get: "SELECT l.key, l.revision, l.created, h.value FROM live l JOIN history h ON h.revision = l.revision WHERE l.key = ?",
  write: "INSERT INTO history (revision, key, value, created, previous) VALUES (?, ?, ?, ?, ?)",
  setLive: "INSERT OR REPLACE INTO live (key, revision, created) VALUES (?, ?, ?)",
  removeLive: "DELETE FROM live WHERE key = ?",
  range: `SELECT l.key, l.revision, l.created, h.value FROM live l JOIN history h ON h.revision = l.revision
    WHERE l.key >= ? AND l.key < ? ORDER BY l.key LIMIT ?`,
  count: "SELECT count(*) AS count FROM live WHERE key >= ? AND key < ?",
  rangeAt: `SELECT h.key, h.revision, h.created, h.value
    FROM (SELECT key, max(revision) AS last FROM history WHERE key >= ? AND key < ? AND revision <= ? GROUP BY key) k
    JOIN history h ON h.revision = k.last WHERE h.value IS NOT NULL ORDER BY h.key LIMIT ?`,
  countAt: `SELECT count(*) AS count
    FROM (SELECT max(revision) AS last FROM history WHERE key >= ? AND key < ? AND revision <= ? GROUP BY key) k
    JOIN history h ON h.revision = k.last WHERE h.value IS NOT NULL`,
  events: `SELECT h.key, h.revision, h.created, h.value, p.value AS previous
    FROM history h LEFT JOIN history p ON p.revision = h.previous
    WHERE h.revision > ? AND h.key >= ? AND h.key < ? ORDER BY h.revision LIMIT ?`,
  forgetReplaced: `DELETE FROM history WHERE revision IN
    (SELECT previous FROM history WHERE revision > ? AND revision <= ? AND previous IS NOT NULL)`,
  forgetDeletes: "DELETE FROM history WHERE revision > ? AND revision <= ? AND value IS NULL",
} as const;

export type Statements = Readonly<Record<keyof typeof texts, StatementSync>>;

export function prepareStatements(file: DatabaseSync): Statements {
  const entries = Object.entries(texts).map(([name, text]) => [name, file.prepare(text)]);
  return Object.fromEntries(entries) as Statements;
}
