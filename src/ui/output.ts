import * as vscode from 'vscode';
import { readRunLog } from '../engine/runLog.ts';

/**
 * One output channel per run, filled from the run's log in the state folder: the
 * same for a run of this window, of another one, and of the command line.
 */
export class RunLogs {
  private readonly open = new Map<string, { channel: vscode.OutputChannel; written: number }>();
  private readonly folder: () => string;

  constructor(folder: () => string) {
    this.folder = folder;
  }

  show(run: string): void {
    if (!this.open.has(run))
      this.open.set(run, { channel: vscode.window.createOutputChannel(`Trizone ${run}`), written: 0 });
    this.follow();
    this.open.get(run)?.channel.show(true);
  }

  /** Appends new log lines to the open channels; called whenever runs change. */
  follow(): void {
    for (const [run, log] of this.open) {
      const text = readRunLog(this.folder(), run);
      if (text.length > log.written) log.channel.append(text.slice(log.written));
      log.written = text.length;
    }
  }

  dispose(): void {
    for (const { channel } of this.open.values()) channel.dispose();
  }
}
