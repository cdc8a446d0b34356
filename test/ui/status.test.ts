import assert from 'node:assert/strict';
import test from 'node:test';
import type * as vscode from 'vscode';
import { seededIds } from '../../src/lib/ids.ts';
import { StatusView, type StatusSource } from '../../src/ui/views/status.ts';
import { statusModel } from '../../src/ui/views/statusModel.ts';
import { scenes } from './statusInputs.ts';

/** A view of the editor without an editor: what was posted, and ways to send, hide and show. */
class Stage {
  readonly posted: unknown[] = [];
  readonly executed: unknown[] = [];
  readonly refused: string[] = [];
  readonly listeners = new Set<() => void>();
  asked = 0;
  scene = 'one';
  private receive: (message: unknown) => void = () => undefined;
  private visibility: () => void = () => undefined;
  private disposed: () => void = () => undefined;
  readonly webview = {
    options: {},
    html: '',
    cspSource: 'https://csp.example',
    asWebviewUri: (uri: unknown) => uri,
    postMessage: (message: unknown) => this.posted.push(message),
    onDidReceiveMessage: (f: (message: unknown) => void) => ((this.receive = f), { dispose: () => undefined }),
  };
  readonly view = {
    visible: true,
    webview: this.webview,
    onDidChangeVisibility: (f: () => void) => ((this.visibility = f), { dispose: () => undefined }),
    onDidDispose: (f: () => void) => ((this.disposed = f), { dispose: () => undefined }),
  };

  constructor() {
    const uri = (path: string): vscode.Uri => ({ path, toString: () => path }) as unknown as vscode.Uri;
    const view = new StatusView({
      source: this.source(),
      dist: uri('/dist'),
      script: uri('/dist/status.js?"><script>'),
      style: uri('/dist/status.css'),
      language: 'zh-cn',
      ids: seededIds('status'),
      execute: (command, target) => this.executed.push([command, target]),
      refused: (text) => this.refused.push(text),
    });
    view.resolveWebviewView(this.view as unknown as vscode.WebviewView);
  }

  private source(): StatusSource {
    const stage = this as Stage;
    return {
      onDidChange: (listener) => {
        const call = (): void => void listener.call(undefined);
        this.listeners.add(call);
        const end: unknown = { dispose: () => this.listeners.delete(call) };
        return end as vscode.Disposable;
      },
      get model() {
        stage.asked++;
        return statusModel(scenes[stage.scene]!);
      },
    };
  }

  send(message: unknown): void {
    this.receive(message);
  }

  change(scene: string): void {
    this.scene = scene;
    for (const l of this.listeners) l();
  }

  show(visible: boolean): void {
    this.view.visible = visible;
    this.visibility();
  }

  end(): void {
    this.disposed();
  }
}

test('nothing is drawn before the script is there, and nothing while the view is hidden', () => {
  const stage = new Stage();
  stage.change('three');
  assert.equal(stage.asked, 0);
  stage.send({ type: 'ready' });
  assert.equal(stage.posted.length, 1);
  stage.show(false);
  assert.equal(stage.listeners.size, 0);
  stage.change('one');
  assert.equal(stage.asked, 1);
  stage.show(true);
  assert.equal(stage.asked, 1);
  stage.send({ type: 'ready' });
  assert.equal(stage.posted.length, 2);
  assert.equal(stage.listeners.size, 1);
  stage.end();
  assert.equal(stage.listeners.size, 0);
});

test('it is drawn anew at each change that can be seen, and at no other', () => {
  const stage = new Stage();
  stage.send({ type: 'ready' });
  stage.change('three');
  stage.change('three');
  assert.equal(stage.posted.length, 2);
});

test('a button starts its command with its target; what is no message of ours starts nothing and is told', () => {
  const stage = new Stage();
  stage.send({ type: 'run', command: 'trizone.cluster.validate', target: { cluster: 'kubernetes' } });
  stage.send({ type: 'run', command: 'workbench.action.quit', target: {} });
  stage.send('nonsense');
  assert.deepEqual(stage.executed, [['trizone.cluster.validate', { cluster: 'kubernetes' }]]);
  assert.equal(stage.refused.length, 2);
});

test('the page loads its own script and style and nothing else', () => {
  const { html, options } = new Stage().webview;
  const [, policy = ''] = /Content-Security-Policy"\s+content="([^"]+)"/.exec(html) ?? [];
  const [, nonce = ''] = /script-src &#39;nonce-(\w{32})&#39;/.exec(policy) ?? [];
  assert.match(policy, /^default-src &#39;none&#39;/);
  assert.doesNotMatch(policy, /unsafe|\*|data:/);
  assert.deepEqual(
    [...html.matchAll(/<script ([^>]*)>/g)].map((m) => m[1]),
    [`nonce="${nonce}" src="/dist/status.js?&quot;&gt;&lt;script&gt;"`],
  );
  assert.match(html, /<html lang="zh-cn">/);
  assert.deepEqual(Object.keys(options).sort(), ['enableScripts', 'localResourceRoots']);
  assert.notEqual(nonce, '');
});
