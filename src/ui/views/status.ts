import * as v from 'valibot';
import type * as vscode from 'vscode';
import { randomText, type Ids } from '../../lib/ids.ts';
import { html } from '../html.ts';
import { fromWebview, type ActionTarget, type StatusModel, type ToWebview } from './statusMessages.ts';

/** Where the view's content comes from. It is listened to while the view is visible, and only then. */
export interface StatusSource {
  /** Something that the view shows has changed: snapshot, runs, validations, or the time a run has taken. */
  readonly onDidChange: vscode.Event<void>;
  /** Redrawn at each call. */
  readonly model: StatusModel;
}

/** What the view is made of. The editor's own functions are given in, so that this file loads without an editor. */
export interface StatusParts {
  readonly source: StatusSource;
  /** Told when somebody begins to look at the view, and when nobody does any more. */
  readonly watch: (visible: boolean) => void;
  /** The folder `dist`: the only one from which the webview may load. */
  readonly dist: vscode.Uri;
  /** `status.js` and `status.css` in it. */
  readonly script: vscode.Uri;
  readonly style: vscode.Uri;
  /** `vscode.env.language`. */
  readonly language: string;
  readonly ids: Ids;
  /** Starts a command of package.json with its target. */
  readonly execute: (command: string, target: ActionTarget) => void;
  /** Told what the webview sent that is no message of ours. */
  readonly refused: (text: string) => void;
}

/** The status view. It keeps nothing: hidden it does nothing, shown again it is drawn from the model. */
export class StatusView implements vscode.WebviewViewProvider {
  private readonly parts: StatusParts;

  constructor(parts: StatusParts) {
    this.parts = parts;
  }

  /** Called by the editor when the view is shown for the first time. */
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

/** One resolved view: posts the model while its script is there to draw it. */
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
    // Shown again, the script loads again and says that it is ready.
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
