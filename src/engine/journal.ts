import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { appender, createEmpty, writeFileAtomic } from '../lib/atomicFile.ts';
import { codeOf, makeFolder } from '../lib/folder.ts';
import { diskError, elsewhere, onDisk, readRegular } from '../lib/onDisk.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import {
  readRecord,
  version,
  type Journal,
  type JournalRecord,
  type Journals,
  type PlanRecord,
  type StoredRun,
  type UnreadRun,
} from './journalRecords.ts';

const fileOf = (folder: string, run: string): string => join(folder, 'runs', `${run}.jsonl`);

/** The journals in a state folder on disk. */
export const fileJournals = (folder: string): Journals => ({
  create: (plan) => createJournal(folder, plan),
  open: (run) => openJournal(folder, run),
  read: (run) => usableRun(folder, run),
  list: (unread) => listRuns(folder, unread),
});

const createJournal = (folder: string, plan: Omit<PlanRecord, 'type' | 'version'>): Journal => {
  const path = fileOf(folder, plan.run);
  const record: PlanRecord = { type: 'plan', version, ...plan };
  onDisk("Nothing was changed: cannot write the run's journal", path, elsewhere, () => {
    makeFolder(join(folder, 'runs'));
    createEmpty(path);
    try {
      appender(path)(lineOf(record));
    } catch (error) {
      rmSync(path); // a journal without a plan would look damaged
      throw error;
    }
  });
  return fileJournal(path, [record]);
};

const lineOf = (record: JournalRecord): string => `${JSON.stringify(record)}\n`;

// A damaged tail (a line cut off by a crash) is truncated after the last whole line; the damaged file is kept as
// `.bak`.
const openJournal = (folder: string, run: string): Journal => {
  const stored = usableRun(folder, run);
  const path = fileOf(folder, run);
  const text = readFileSync(path, 'utf8');
  const whole = wholeLines(text)
    .map(({ line }) => `${line}\n`)
    .join('');
  if (whole !== text) {
    onDisk('Cannot repair the journal', path, elsewhere, () => {
      writeFileAtomic(`${path}.bak`, text);
      writeFileAtomic(path, whole);
    });
  }
  return fileJournal(path, [...stored.records]);
};

const usableRun = (folder: string, run: string): StoredRun => {
  const stored = /^[\w-]+$/.test(run) ? look(folder, run) : undefined;
  if (OperatorError.is(stored)) throw stored;
  if (stored === undefined) throw invalid(`Run not found: ${run}`, toRun('See', command`trizone runs`));
  if (stored.readOnly) {
    throw new OperatorError('journal', `The run was written by a newer Trizone: ${run}`, {
      remedy: 'Update Trizone, then resume the run.',
    });
  }
  return stored;
};

const fileJournal = (path: string, records: JournalRecord[]): Journal => {
  const add = appender(path);
  return {
    records,
    append: (record) => {
      onDisk("Cannot write to the run's journal", path, ', then run: trizone resume', () => add(lineOf(record)));
      records.push(record);
    },
  };
};

/** A run up to its journal's last whole line; undefined if there is none or it cannot be read. */
export const readRun = (folder: string, run: string): StoredRun | undefined => {
  const found = look(folder, run);
  return OperatorError.is(found) ? undefined : found;
};

// The stored run, or the error that prevents reading it; undefined if there is none.
const look = (folder: string, run: string): StoredRun | OperatorError | undefined => {
  const path = fileOf(folder, run);
  try {
    return storedRun(readRegular(path).toString()) ?? damaged(path);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined) throw cause;
    if (code === 'ENOENT') return undefined;
    return diskError('journal', "Cannot read the run's journal", path, cause, ', then try again.');
  }
};

const damaged = (path: string): OperatorError =>
  new OperatorError('journal', `The run's journal is damaged from the first line: ${path}`, {
    remedy: 'Run the command again (trizone up or down): existing resources are found in the cloud.',
  });

const storedRun = (text: string): StoredRun | undefined => {
  const records = parseRecords(text);
  const first = records[0];
  if (first?.type !== 'plan') return undefined;
  const again = records.findLast((r) => r.type === 'replanned');
  const plan = again === undefined ? first : { ...first, ...again, type: first.type };
  const last = records.findLast((r) => r.type === 'ended' || r.type === 'resumed');
  return { plan, records, readOnly: plan.version > version, state: last?.type === 'ended' ? last.state : undefined };
};

// Complete records of a type unknown to this version are skipped.
const parseRecords = (text: string): JournalRecord[] =>
  wholeLines(text).flatMap(({ value }) => readRecord(value) ?? []);

// Up to the first incomplete line.
const wholeLines = (text: string): { line: string; value: unknown }[] => {
  const whole: { line: string; value: unknown }[] = [];
  for (const line of text.split('\n')) {
    try {
      whole.push({ line, value: JSON.parse(line) });
    } catch {
      break;
    }
  }
  return whole;
};

const listRuns = (folder: string, unread?: (run: UnreadRun) => void): StoredRun[] =>
  runNames(folder)
    .flatMap((run) => {
      const found = look(folder, run);
      if (!OperatorError.is(found)) return found ?? [];
      unread?.({ run, error: found });
      return [];
    })
    .sort((a, b) => b.plan.at - a.plan.at);

/** Names of all runs with a journal, newest first: names begin with the time. */
export const runNames = (folder: string): string[] => {
  const runs = join(folder, 'runs');
  if (!existsSync(runs)) return [];
  const ending = '.jsonl';
  return onDisk('Cannot read the runs', runs, elsewhere, () => readdirSync(runs))
    .flatMap((f) => (f.endsWith(ending) ? [f.slice(0, -ending.length)] : []))
    .sort()
    .reverse();
};

/** Changes whenever a run's journal does; for polling. */
export const journalStamp = (folder: string, run: string): string => {
  const found = statSync(fileOf(folder, run), { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.mtimeMs}/${found.size}`;
};
