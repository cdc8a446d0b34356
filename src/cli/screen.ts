import stringWidth from 'string-width';

/** What a screen is drawn on. */
export interface Surface {
  readonly columns: () => number;
  readonly rows: () => number;
  readonly write: (text: string) => void;
}

// Whoever knows it shows a frame when it is whole; others pass it over.
const asOne = (text: string): string => `\u001b[?2026h${text}\u001b[?2026l`;

/**
 * Lines at the bottom of a terminal that are redrawn in place; what else is said scrolls above them. The cursor is never hidden and
 * always stands in the first column below, so that whatever ends the process leaves the terminal as it should be.
 */
export class Screen {
  private readonly surface: Surface;
  private lines: readonly string[] = [];
  private drawn: readonly string[] = [];
  private isAside = false;
  // Until then what is written is plain, for whoever shows no lines.
  private hasDrawn = false;

  constructor(surface: Surface) {
    this.surface = surface;
  }

  /** Columns and rows that lines may take; the last column is left free, because some terminals wrap there. */
  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.surface.columns() - 1, rows: this.surface.rows() - 1 };
  }

  /** Shows these lines in place of the ones before; each must fit. */
  show(lines: readonly string[]): void {
    this.lines = lines;
    if (!this.isAside) this.draw();
  }

  /** Something else is written: above the lines, and over what the terminal has echoed (^C). */
  around(write: () => void): void {
    if (this.isAside) {
      write();
      return;
    }
    this.erase();
    write();
    this.draw();
  }

  /** Without the lines as long as the work goes on: a question. */
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

  /** Somebody else has written, as a shell does while the process is stopped: what was drawn stays where it is. */
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

  // A terminal that was made narrower has wrapped what was drawn.
  private back(drawn: readonly string[]): string {
    const columns = Math.max(1, this.surface.columns());
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
    return rows === 0 ? '\r' : `\r\u001b[${rows}A`;
  }
}
