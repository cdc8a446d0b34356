import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stage.ts';

/** Where pictures are left; git does not see it. */
export const shotsFolder = join(import.meta.dirname, '..', 'shots');

/** Width of the side bar in pictures, pixels: as narrow as people have it. */
const sideBar = 300;

const themes = {
  light: { name: 'Light 2026', shownBy: '.monaco-workbench.vs' },
  dark: { name: 'Dark 2026', shownBy: '.monaco-workbench.vs-dark' },
  contrast: { name: 'Default High Contrast', shownBy: '.monaco-workbench.hc-black' },
} as const;

/** Leaves a picture of the window in each kind of theme: `<name>-light.png`, `-dark`, `-contrast`. */
export const shoot = async (stage: Stage, name: string): Promise<void> => {
  mkdirSync(shotsFolder, { recursive: true });
  await stage.workbench.sideBarWidth(sideBar);
  await stage.page.mouse.move(0, 0); // no hover in the picture
  await stage.page.getByText('Activating Extensions').waitFor({ state: 'hidden' });
  for (const [kind, theme] of Object.entries(themes)) {
    stage.server.change({ 'workbench.colorTheme': theme.name });
    await stage.page.locator(theme.shownBy).waitFor();
    await stage.page.screenshot({ path: join(shotsFolder, `${name}-${kind}.png`) });
  }
};
