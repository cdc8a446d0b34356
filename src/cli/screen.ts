import stringWidth from 'string-width';

/** The terminal that a screen draws on. */
export interface Surface {
  readonly columns: () => number;
  readonly rows: () => number;
  readonly write: (text: string) => void;
}

// Synchronized output: terminals that support it show each frame as a whole; others ignore the sequence.
const asOne = (text: string): string => `\u001b[?2026h${text}\u001b[?2026l`;

/**
 * Lines at the bottom of a terminal that are redrawn in place; other output scrolls above them. The cursor is never
 * hidden and always stays in the first column below, so that the terminal is usable however the process ends.
 */
export class Screen {
  private readonly surface: Surface;
  private lines: readonly string[] = [];
  private drawn: readonly string[] = [];
  private isAside = false;
  // Until the first frame, output stays free of control sequences, in case nothing is ever drawn.
  private hasDrawn = false;

  constructor(surface: Surface) {
    this.surface = surface;
  }

  /** Columns and rows available for lines; the last column stays free, because some terminals wrap there. */
  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.surface.columns() - 1, rows: this.surface.rows() - 1 };
  }

  /** Replaces the displayed lines; each must fit. */
  show(lines: readonly string[]): void {
    this.lines = lines;
    if (!this.isAside) this.draw();
  }

  /** Writes other output above the lines, overwriting what the terminal has echoed (^C). */
  around(write: () => void): void {
    if (this.isAside) {
      write();
      return;
    }
    this.erase();
    write();
    this.draw();
  }

  /** Hides the lines while `work` runs: a question. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    this.erase();
    this.isAside = true;
    try {
      return await work();
    } finally {
      this.isAside = false;
      this.draw();
    }
  }

  /** Another process has written to the terminal, as a shell does while this one is stopped: what was drawn stays. */
  forget(): void {
    this.drawn = [];
  }

  private draw(): void {
    const { drawn, lines } = this;
    if (drawn.length + lines.length === 0) return;
    this.drawn = lines;
    this.hasDrawn = true;
    this.surface.write(asOne(`${this.back(drawn)}${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`));
  }

  private erase(): void {
    const { drawn } = this;
    this.drawn = [];
    if (this.hasDrawn) this.surface.write(`${this.back(drawn)}\u001b[J`);
  }

  // A terminal that was narrowed has wrapped what was drawn.
  private back(drawn: readonly string[]): string {
    const columns = Math.max(1, this.surface.columns());
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
    return rows === 0 ? '\r' : `\r\u001b[${rows}A`;
  }
}
