/** One change: table, key, new value (absent = removed). This is also one entry of the write-ahead log. */
export type StoredChange = readonly [table: string, key: string, value?: unknown];

/** Where committed changes go before anybody is answered. */
export interface ChangeLog {
  append(changes: readonly StoredChange[]): void;
}

/** Everything the emulator knows: tables of JSON documents. Documents are replaced, never changed in place. */
export class Store {
  private readonly tables = new Map<string, Map<string, unknown>>();
  private readonly log: ChangeLog | undefined;
  private depth = 0;
  private changes: StoredChange[] = [];
  private undo: StoredChange[] = [];
  private count = 0;

  constructor(log?: ChangeLog) {
    this.log = log;
  }

  /** Grows with every change; lets readers keep what they derived until something changes. */
  get revision(): number {
    return this.count;
  }

  /** Documents are only ever written by this process's own typed code, hence the cast instead of a validation. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- who asks knows the type from the table
  get<T>(table: string, key: string): T | undefined {
    return this.tables.get(table)?.get(key) as T | undefined;
  }

  /** In order of insertion, which survives a restart. */
  entries<T>(table: string): [string, T][] {
    return [...(this.tables.get(table) ?? [])] as [string, T][];
  }

  /** `undefined` removes. */
  put(table: string, key: string, value: unknown): void {
    // Undefined would come back from the log as null.
    this.record(value === undefined ? [table, key] : [table, key, value]);
  }

  remove(table: string, key: string): void {
    if (this.tables.get(table)?.has(key)) this.record([table, key]);
  }

  /** Runs `work`; its changes are logged together when the outermost transaction ends, or taken back when it throws. */
  transact<T>(work: () => T): T {
    this.depth++;
    try {
      const result = work();
      if (this.depth === 1) this.commit();
      return result;
    } catch (error) {
      if (this.depth === 1) this.rollBack();
      throw error;
    } finally {
      this.depth--;
    }
  }

  /** All tables as plain objects, for a snapshot or an export. */
  dump(): Record<string, Record<string, unknown>> {
    return Object.fromEntries([...this.tables].map(([name, rows]) => [name, Object.fromEntries(rows)]));
  }

  /** Changes that were committed by an earlier process. */
  replay(changes: readonly StoredChange[]): void {
    for (const change of changes) this.apply(change);
  }

  /** Forgets everything, and the log hears of it. */
  clear(): void {
    this.transact(() => {
      for (const [table, rows] of this.tables) for (const key of [...rows.keys()]) this.remove(table, key);
    });
  }

  private record(change: StoredChange): void {
    const [table, key] = change;
    const before = this.tables.get(table)?.get(key);
    this.undo.push(before === undefined ? [table, key] : [table, key, before]);
    this.changes.push(change);
    this.apply(change);
    if (this.depth > 0) return;
    try {
      this.commit();
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  private apply([table, key, value]: StoredChange): void {
    this.count++;
    const rows = this.tables.get(table) ?? new Map<string, unknown>();
    this.tables.set(table, rows);
    if (value === undefined) rows.delete(key);
    else rows.set(key, value);
  }

  // What could not be logged is taken back by the caller: memory is never ahead of the disk.
  private commit(): void {
    if (this.changes.length > 0) this.log?.append(this.changes);
    this.changes = [];
    this.undo = [];
  }

  private rollBack(): void {
    const { undo } = this;
    this.changes = [];
    this.undo = [];
    for (const change of undo.reverse()) this.apply(change);
  }
}
