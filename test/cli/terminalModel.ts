import { stripVTControlCharacters } from 'node:util';
import { Screen } from '../../src/cli/screen.ts';

const escape = String.fromCharCode(27);
const parts = new RegExp(`${escape}\\[[?\\d]*[A-Za-z]|[\r\n]|[^\r\n${escape}]+`, 'g');
const sequence = new RegExp(`^${escape}\\[\\??(\\d*)([A-Za-z])$`);

interface Line {
  text: string;
  /** Whether the next line is the rest of this one. */
  wraps: boolean;
}

/** A terminal that knows what a screen writes, and wraps again what stands on it when it is made wider or narrower. */
export class TerminalModel {
  columns: number;
  rows: number;
  private lines: Line[] = [{ text: '', wraps: false }];
  private row = 0;
  private column = 0;
  /** Everything that was written, as it came. */
  raw = '';

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** A screen on it. */
  screen(): Screen {
    return new Screen({ columns: () => this.columns, rows: () => this.rows, write: this.write });
  }

  readonly write = (text: string): void => {
    this.raw += text;
    for (const [part] of text.matchAll(parts)) this.take(part);
  };

  /** Somebody makes the window wider or narrower. */
  resize(columns: number): void {
    const whole = this.lines.reduce<string[]>((all, line, i) => {
      if (this.lines[i - 1]?.wraps === true) all.push(`${all.pop() ?? ''}${line.text}`);
      else all.push(line.text);
      return all;
    }, []);
    this.columns = columns;
    this.lines = whole.flatMap((text) => {
      const parts = text.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [''];
      return parts.map((part, i) => ({ text: part, wraps: i < parts.length - 1 }));
    });
    this.row = this.lines.length - 1; // the cursor stands below what was drawn
  }

  /** What a person sees, without blanks at the end. */
  get shown(): string[] {
    const texts = this.lines.map(({ text }) => text.trimEnd());
    return texts.slice(0, texts.findLastIndex((text) => text !== '') + 1);
  }

  /** Where the cursor stands; the first row is 0. */
  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.row, column: this.column };
  }

  private take(part: string): void {
    const [, count = '', letter = ''] = sequence.exec(part) ?? [];
    if (part === '\r') this.column = 0;
    else if (part === '\n') this.to(this.row + 1, 0);
    else if (letter === 'A') this.to(Math.max(0, this.row - Number(count || 1)), this.column);
    else if (letter === 'K') this.put(this.line.text.slice(0, this.column), false);
    else if (letter === 'J') this.clear();
    else if (letter === '') this.type(stripVTControlCharacters(part));
  }

  private get line(): Line {
    return (this.lines[this.row] ??= { text: '', wraps: false });
  }

  private put(text: string, wraps: boolean): void {
    this.lines[this.row] = { text, wraps };
  }

  private clear(): void {
    this.put(this.line.text.slice(0, this.column), false);
    this.lines.length = this.row + 1;
  }

  private type(text: string): void {
    for (const letter of text) {
      if (this.column >= this.columns) {
        this.put(this.line.text, true);
        this.to(this.row + 1, 0);
      }
      const { text: before } = this.line;
      this.put(before.padEnd(this.column).slice(0, this.column) + letter + before.slice(this.column + 1), false);
      this.column++;
    }
  }

  private to(row: number, column: number): void {
    [this.row, this.column] = [row, column];
    this.lines[row] ??= { text: '', wraps: false };
  }
}
