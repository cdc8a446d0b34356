import * as v from 'valibot';
import { toWebview, type FromWebview, type StatusModel } from '../views/statusMessages.ts';
import { draw } from './draw.ts';
import { listenForPresses, patchElement } from './patch.ts';

declare const acquireVsCodeApi: () => {
  postMessage(message: FromWebview): void;
  getState(): unknown;
  setState(state: Kept): void;
};

const keptSchema = v.object({ table: v.boolean() });
type Kept = v.InferOutput<typeof keptSchema>;

const host = acquireVsCodeApi();
const restored = v.safeParse(keptSchema, host.getState());
let kept: Kept = restored.success ? restored.output : { table: false };
let model: StatusModel | undefined;

const found = (id: string): Element => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`Not in the page: ${id}`);
  return element;
};
const view = found('view');
const liveRegion = found('said');

const redraw = (): void => {
  if (model === undefined) return;
  const focused = document.activeElement;
  patchElement(view, draw(model, kept.table, handlers));
  // Reordering may have moved it.
  if (focused instanceof HTMLElement && focused.isConnected && focused !== document.activeElement)
    focused.focus({ preventScroll: true });
};

const handlers = {
  start: ({ command, target }: { command: Extract<FromWebview, { type: 'run' }>['command']; target: object }): void =>
    host.postMessage({ type: 'run', command, target }),
  toggle: (): void => {
    kept = { table: !kept.table };
    host.setState(kept);
    redraw();
  },
};

// A run may end a step every few hundred milliseconds; a screen
// reader announces its start and end, and a step now and then.
const announceEveryMs = 5000;
let lastAnnounced = { key: '', at: -Infinity };

const announce = ({ key, text }: StatusModel['announcement'], at: number): void => {
  if (key === lastAnnounced.key && at - lastAnnounced.at < announceEveryMs) return;
  lastAnnounced = { key, at };
  if (liveRegion.textContent !== text) liveRegion.textContent = text;
};

listenForPresses(view);
window.addEventListener('message', (event) => {
  const message = v.safeParse(toWebview, event.data);
  if (!message.success) return;
  const isFirst = model === undefined;
  ({ model } = message.output);
  redraw();
  // State that already existed when the view opened is read, not announced.
  if (isFirst) lastAnnounced = { key: model.announcement.key, at: event.timeStamp };
  else announce(model.announcement, event.timeStamp);
});
host.postMessage({ type: 'ready' });
