import beaker from '@vscode/codicons/src/icons/beaker.svg';
import quiet from '@vscode/codicons/src/icons/circle.svg';
import validation from '@vscode/codicons/src/icons/checklist.svg';
import bad from '@vscode/codicons/src/icons/error.svg';
import endpoint from '@vscode/codicons/src/icons/globe.svg';
import busy from '@vscode/codicons/src/icons/loading.svg';
import lease from '@vscode/codicons/src/icons/lock.svg';
import good from '@vscode/codicons/src/icons/pass.svg';
import api from '@vscode/codicons/src/icons/plug.svg';
import pool from '@vscode/codicons/src/icons/server-process.svg';
import master from '@vscode/codicons/src/icons/server.svg';
import warn from '@vscode/codicons/src/icons/warning.svg';

const pictures = { beaker, quiet, validation, bad, endpoint, busy, lease, good, api, pool, master, warn };

/** Names of the icons: tones, kinds of members, kinds of lines. */
export type Icon = keyof typeof pictures;

const parsed = new Map<Icon, Element>();

/** The codicon for `icon`; always next to text with the same meaning, so it is hidden from screen readers. */
export const picture = (icon: Icon): Node => {
  const known = parsed.get(icon) ?? new DOMParser().parseFromString(pictures[icon], 'image/svg+xml').documentElement;
  parsed.set(icon, known);
  return document.importNode(known, true);
};
