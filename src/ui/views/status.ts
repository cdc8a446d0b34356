import * as v from 'valibot';
import type * as vscode from 'vscode';
import { randomText, type Ids } from '../../lib/ids.ts';
import { html } from '../html.ts';
import { fromWebview, type ActionTarget, type StatusModel, type ToWebview } from './statusMessages.ts';

/** Source of the view's content. Subscribed only while the view is visible. */
export interface StatusSource {
  /** Fires when shown data changes: snapshot, runs, validations, or a run's elapsed time. */
  readonly onDidChange: vscode.Event<void>;
  /** Computed at each access. */
  readonly model: StatusModel;
}

/** Dependencies of the view. The editor's own functions are injected, so that this file loads without an editor. */
export interface StatusParts {
  readonly source: StatusSource;
  /** Called when the view becomes visible or hidden. */
  readonly watch: (visible: boolean) => void;
  /** The folder `dist`: the only one that the webview may load from. */
  readonly dist: vscode.Uri;
  /** `status.js` and `status.css` in it. */
  readonly script: vscode.Uri;
  readonly style: vscode.Uri;
  /** `vscode.env.language`. */
  readonly language: string;
  readonly ids: Ids;
  /** Runs a command of package.json with its target. */
  readonly execute: (command: string, target: ActionTarget) => void;
  /** Called with invalid messages from the webview. */
  readonly refused: (text: string) => void;
}

/** The status view. Stateless: does nothing while hidden and is drawn from the model when shown. */
export class StatusView implements vscode.WebviewViewProvider {
  private readonly parts: StatusParts;

  constructor(parts: StatusParts) {
    this.parts = parts;
  }

  /** Called by the editor when the view is first shown. */
  resolveWebviewView(view: vscode.WebviewView): void {
    const { webview } = view;
    const shown = new ShownView(view, this.parts);
    const listeners = [
      webview.onDidReceiveMessage((message: unknown) => shown.receive(message)),
      view.onDidChangeVisibility(() => shown.followVisibility()),
    ];
    view.onDidDispose(() => {
      shown.hide();
      for (const l of listeners) l.dispose();
    });
    webview.options = { enableScripts: true, localResourceRoots: [this.parts.dist] };
    webview.html = page(webview, this.parts);
  }
}

/** One resolved view: posts the model while its script can draw it. */
class ShownView {
  private readonly view: vscode.WebviewView;
  private readonly parts: StatusParts;
  private listening: vscode.Disposable | undefined;
  private posted = '';

  constructor(view: vscode.WebviewView, parts: StatusParts) {
    this.view = view;
    this.parts = parts;
  }

  receive(raw: unknown): void {
    const parsed = v.safeParse(fromWebview, raw);
    if (!parsed.success) {
      this.parts.refused(v.summarize(parsed.issues));
      return;
    }
    const message = parsed.output;
    if (message.type === 'run') this.parts.execute(message.command, message.target);
    else this.begin();
  }

  followVisibility(): void {
    // When shown again, the script reloads and reports that it is ready.
    if (!this.view.visible) this.hide();
  }

  hide(): void {
    if (this.listening !== undefined) this.parts.watch(false);
    this.listening?.dispose();
    this.listening = undefined;
  }

  private begin(): void {
    this.hide();
    this.posted = '';
    this.parts.watch(true);
    this.listening = this.parts.source.onDidChange(() => this.post());
    this.post();
  }

  private post(): void {
    const message: ToWebview = { type: 'model', model: this.parts.source.model };
    const text = JSON.stringify(message);
    if (text === this.posted) return;
    this.posted = text;
    void this.view.webview.postMessage(message);
  }
}

const page = (webview: vscode.Webview, { script, style, language, ids }: StatusParts): string => {
  const nonce = randomText(ids, 32);
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="stylesheet" href="${webview.asWebviewUri(style).toString()}" />
        <title>Trizone</title>
      </head>
      <body>
        <main id="view"></main>
        <div id="said" class="heard" role="status" aria-live="polite"></div>
        <script nonce="${nonce}" src="${webview.asWebviewUri(script).toString()}"></script>
      </body>
    </html>`.text;
};
