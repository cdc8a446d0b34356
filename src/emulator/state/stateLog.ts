import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { appender, createEmpty, writeFileAtomic } from '../../lib/atomicFile.ts';
import { makeFolder } from '../../lib/folder.ts';
import { onDisk } from '../../lib/onDisk.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import type { StoredChange, ChangeLog, Store } from './store.ts';

const version = 1;
const snapshotName = 'snapshot.json';
// A longer log is folded into a new snapshot: replaying it would slow down startup noticeably.
const foldBytes = 16 * 1024 * 1024;

interface Snapshot {
  readonly version: number;
  /** Generation of the log that continues this snapshot. */
  readonly generation: number;
  readonly at: number;
  readonly tables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface LogRecord {
  readonly at: number;
  readonly changes: readonly StoredChange[];
}

/** State that an earlier process left in the folder. */
export interface StoredState {
  readonly generation: number;
  /** Last known instant of cluster time, milliseconds; undefined in an empty folder. */
  readonly at: number | undefined;
  readonly changes: readonly StoredChange[];
  /** Bytes of the log that hold complete records; the rest starts with a truncated one. */
  readonly logBytes: number;
}

/** Reads the snapshot and the log up to its last complete record; drops everything after a truncated record. */
export const readState = (folder: string): StoredState => {
  const file = join(folder, snapshotName);
  const snapshot = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Snapshot) : undefined;
  if (snapshot !== undefined && snapshot.version !== version) {
    throw new OperatorError('emulator', `The emulator state has an unsupported version: ${snapshot.version}`, {
      remedy: `Delete the folder ${folder}, or start the Trizone version that wrote it.`,
    });
  }
  const generation = snapshot?.generation ?? 0;
  const { records, bytes } = readLog(logFile(folder, generation));
  const fromSnapshot = Object.entries(snapshot?.tables ?? {}).flatMap(([table, rows]) =>
    Object.entries(rows).map(([key, value]): StoredChange => [table, key, value]),
  );
  return {
    generation,
    at: records.at(-1)?.at ?? snapshot?.at,
    changes: [...fromSnapshot, ...records.flatMap((r) => r.changes)],
    logBytes: bytes,
  };
};

const logFile = (folder: string, generation: number): string => join(folder, `changes.${generation}.jsonl`);

const readLog = (file: string): { records: LogRecord[]; bytes: number } => {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const records: LogRecord[] = [];
  let bytes = 0;
  for (const line of text.split('\n').slice(0, -1)) {
    const record = parseRecord(line);
    if (record === undefined) break;
    records.push(record);
    bytes += Buffer.byteLength(line) + 1;
  }
  return { records, bytes };
};

const parseRecord = (line: string): LogRecord | undefined => {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return undefined; // truncated
  }
};

/** Write-ahead log with snapshots: a change is on disk before the answer that reports it. */
export class StateLog implements ChangeLog {
  private readonly folder: string;
  private readonly now: () => number;
  private generation: number;
  private add: (content: string) => void;
  private bytes: number;

  constructor(folder: string, stored: StoredState, now: () => number) {
    makeFolder(folder);
    this.folder = folder;
    this.now = now;
    this.generation = stored.generation;
    this.bytes = stored.logBytes;
    const file = logFile(folder, stored.generation);
    if (!existsSync(file)) createEmpty(file);
    if (statSync(file).size > stored.logBytes) {
      copyFileSync(file, `${file}.bak`);
      truncateSync(file, stored.logBytes);
    }
    this.add = appender(file);
  }

  append(changes: readonly StoredChange[]): void {
    const record: LogRecord = { at: this.now(), changes };
    const line = `${JSON.stringify(record)}\n`;
    onDisk('Cannot write the emulator state', this.folder, '.', () => this.add(line));
    this.bytes += line.length;
  }

  get wantsFolding(): boolean {
    return this.bytes > foldBytes;
  }

  /** Writes everything as one snapshot and starts a new log; a crash in between leaves the old pair valid. */
  fold(store: Store): void {
    const snapshot: Snapshot = { version, generation: this.generation + 1, at: this.now(), tables: store.dump() };
    const next = logFile(this.folder, snapshot.generation);
    onDisk('Cannot compact the emulator state', this.folder, '.', () => {
      rmSync(next, { force: true }); // left by an interrupted fold
      createEmpty(next);
      writeFileAtomic(join(this.folder, snapshotName), JSON.stringify(snapshot));
    });
    this.generation = snapshot.generation;
    this.add = appender(next);
    this.bytes = 0;
    this.removeOldLogs();
  }

  private removeOldLogs(): void {
    const current = logFile('', this.generation);
    for (const name of readdirSync(this.folder)) {
      if (/^changes\.\d+\.jsonl$/.test(name) && name !== current) rmSync(join(this.folder, name));
    }
  }
}
