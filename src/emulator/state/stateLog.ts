import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../lib/atomicFile.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import type { Change, ChangeLog, Store } from './store.ts';

const version = 1;
const snapshotName = 'snapshot.json';
// A log longer than this is folded into a new snapshot: replaying it would begin to be felt at the start.
const foldBytes = 16 * 1024 * 1024;

interface Snapshot {
  readonly version: number;
  /** Names the log that continues this snapshot. */
  readonly generation: number;
  readonly at: number;
  readonly tables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface LogRecord {
  readonly at: number;
  readonly changes: readonly Change[];
}

/** What an earlier process left in the folder. */
export interface StoredState {
  readonly generation: number;
  /** Last known instant of cluster time, milliseconds; undefined in an empty folder. */
  readonly at: number | undefined;
  readonly changes: readonly Change[];
  /** Bytes of the log that hold whole records; the rest is the torn tail of a crash. */
  readonly logBytes: number;
}

/** Reads snapshot and log; a torn last line is left out, anything else that is damaged stops the emulator. */
export const readState = (folder: string): StoredState => {
  const file = join(folder, snapshotName);
  const snapshot = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Snapshot) : undefined;
  if (snapshot !== undefined && snapshot.version !== version) {
    throw new OperatorError('emulator', `The emulator's state is of another version: ${snapshot.version}`, {
      remedy: `Remove the folder ${folder} or start the version of Trizone that wrote it.`,
    });
  }
  const generation = snapshot?.generation ?? 0;
  const { records, bytes } = readLog(logFile(folder, generation));
  const fromSnapshot = Object.entries(snapshot?.tables ?? {}).flatMap(([table, rows]) =>
    Object.entries(rows).map(([key, value]): Change => [table, key, value]),
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
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const records = whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogRecord);
  return { records, bytes: Buffer.byteLength(whole) };
};

/** Write-ahead log with snapshots: a change is on the disk before the answer that tells of it. */
export class StateLog implements ChangeLog {
  private readonly folder: string;
  private readonly now: () => number;
  private generation: number;
  private file: number;
  private bytes: number;

  constructor(folder: string, stored: StoredState, now: () => number) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.folder = folder;
    this.now = now;
    this.generation = stored.generation;
    this.file = openSync(logFile(folder, stored.generation), 'a', 0o600);
    ftruncateSync(this.file, stored.logBytes);
    this.bytes = stored.logBytes;
  }

  append(changes: readonly Change[]): void {
    const record: LogRecord = { at: this.now(), changes };
    const line = `${JSON.stringify(record)}\n`;
    writeSync(this.file, line);
    fsyncSync(this.file);
    this.bytes += line.length;
  }

  get wantsFolding(): boolean {
    return this.bytes > foldBytes;
  }

  /** Writes everything as one snapshot and begins a new log; a crash in between leaves the old pair valid. */
  fold(store: Store): void {
    const snapshot: Snapshot = { version, generation: this.generation + 1, at: this.now(), tables: store.dump() };
    writeFileAtomic(join(this.folder, snapshotName), JSON.stringify(snapshot));
    closeSync(this.file);
    this.generation++;
    this.file = openSync(logFile(this.folder, this.generation), 'a', 0o600);
    this.bytes = 0;
    this.removeOldLogs();
  }

  close(store: Store): void {
    this.fold(store);
    closeSync(this.file);
  }

  private removeOldLogs(): void {
    const current = logFile('', this.generation);
    for (const name of readdirSync(this.folder)) {
      if (/^changes\.\d+\.jsonl$/.test(name) && name !== current) rmSync(join(this.folder, name));
    }
  }
}
