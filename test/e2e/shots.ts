import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stage.ts';

/** Folder of the screenshots; ignored by git. */
export const shotsFolder = join(import.meta.dirname, '..', 'shots');

/** Width of the side bar in screenshots, pixels: the narrowest that users have. */
const sideBar = 300;

const themes = {
  light: { name: 'Light 2026', shownBy: '.monaco-workbench.vs' },
  dark: { name: 'Dark 2026', shownBy: '.monaco-workbench.vs-dark' },
  contrast: { name: 'Default High Contrast', shownBy: '.monaco-workbench.hc-black' },
} as const;

// VS Code's watcher misses a file that is replaced twice in quick succession: writes it again until it is seen.
const changeTheme = async (stage: Stage, { name, shownBy }: { name: string; shownBy: string }): Promise<void> => {
  const shown = stage.page.locator(shownBy);
  for (let tries = 0; tries < 10 && !(await shown.isVisible()); tries++) {
    stage.server.change({ 'workbench.colorTheme': name });
    await shown.waitFor({ timeout: 3_000 }).catch(() => undefined); // checked again above
  }
  await shown.waitFor();
};

/**
 * Takes a screenshot of the window in each kind of theme:
 * `<name>-light.png`, `-dark`, `-contrast`. `width` is the side bar's.
 */
export const shoot = async (stage: Stage, name: string, width = sideBar): Promise<void> => {
  mkdirSync(shotsFolder, { recursive: true });
  await stage.workbench.sideBarWidth(width);
  await stage.page.mouse.move(0, 0); // no hover in the screenshot
  for (const passing of ['.monaco-hover', 'text=Activating Extensions'])
    await stage.page.locator(passing).filter({ visible: true }).first().waitFor({ state: 'hidden' });
  for (const [kind, theme] of Object.entries(themes)) {
    await changeTheme(stage, theme);
    await stage.page.screenshot({ path: join(shotsFolder, `${name}-${kind}.png`) });
  }
};
