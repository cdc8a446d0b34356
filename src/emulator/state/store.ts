/** One change: table, key, new value (absent = removed). Also the format of a write-ahead log entry. */
export type StoredChange = readonly [table: string, key: string, value?: unknown];

/** Persists committed changes before any answer is sent. */
export interface ChangeLog {
  append(changes: readonly StoredChange[]): void;
}

/** All state of the emulator: tables of JSON documents. Documents are replaced, never changed in place. */
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

  /** Grows with every change; readers can cache derived values until then. */
  get revision(): number {
    return this.count;
  }

  /** Only this process's own typed code writes documents, hence a cast instead of validation. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows the type from the table
  get<T>(table: string, key: string): T | undefined {
    return this.tables.get(table)?.get(key) as T | undefined;
  }

  /** In insertion order, which survives a restart. */
  entries<T>(table: string): [string, T][] {
    return [...(this.tables.get(table) ?? [])] as [string, T][];
  }

  /** `undefined` removes the document. */
  put(table: string, key: string, value: unknown): void {
    // The log would turn undefined into null.
    this.record(value === undefined ? [table, key] : [table, key, value]);
  }

  remove(table: string, key: string): void {
    if (this.tables.get(table)?.has(key)) this.record([table, key]);
  }

  /** Runs `work`; its changes are logged together when the outermost transaction ends, or rolled back if it throws. */
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

  /** Applies changes committed by an earlier process. */
  replay(changes: readonly StoredChange[]): void {
    for (const change of changes) this.apply(change);
  }

  /** Removes everything, as a logged change. */
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

  // If logging fails, the caller rolls back: memory is never ahead of the disk.
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
