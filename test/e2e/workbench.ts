import type { FrameLocator, Locator, Page } from 'playwright-core';

/** Locator of a text in the workbench. */
export type Name = string | RegExp;

const patienceMs = 30_000;

/** VS Code's window from the user's side: located by roles and labels; by class only if VS Code provides neither. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(patienceMs);
  }

  /** Loads the workbench and waits until it is drawn and its extensions are known. */
  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.container('Trizone').waitFor();
    // Until then VS Code may still replace a newly opened container by the one of the last session.
    await this.containers().getByRole('tab', { selected: true }).waitFor();
  }

  private containers(): Locator {
    return this.page.getByRole('tablist', { name: 'Active View Switcher' });
  }

  /** Icon in the activity bar. */
  container(name: string): Locator {
    return this.containers().getByRole('tab', { name });
  }

  /** Shows a container; a click on one that is already shown would hide it. */
  async openContainer(name: string): Promise<void> {
    const tab = this.container(name);
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    await this.containers().getByRole('tab', { name, selected: true }).waitFor();
  }

  /** A view of the side bar with its header. */
  view(title: string): Locator {
    // A description may follow the title.
    const header = this.page.getByRole('button', { name: new RegExp(`^${title}( - .*)? Section$`) });
    return this.page.locator('.pane').filter({ has: header });
  }

  /** A line of a tree view. */
  item(view: string, name: Name): Locator {
    return this.page.getByRole('tree', { name: view }).getByRole('treeitem', { name });
  }

  /** Opens the line of a tree view if it is closed. */
  async expand(view: string, name: Name): Promise<void> {
    const item = this.item(view, name);
    if ((await item.getAttribute('aria-expanded')) === 'false') await item.click();
    await this.page.getByRole('tree', { name: view }).getByRole('treeitem', { name, expanded: true }).waitFor();
  }

  /** Selects an entry of a tree row's context menu. If the row moves first, its neighbor gets the click. */
  async contextMenu(view: string, name: Name, entry: Name): Promise<void> {
    const item = this.page.getByRole('menuitem', { name: entry });
    const open = (): Promise<void> => this.item(view, name).click({ button: 'right' });
    await this.offered(item, `by the menu of ${String(name)}: ${String(entry)}`, patienceMs / 10, open);
    await this.menu(entry);
  }

  /** Presses a button in a view's title, which appears on hover. */
  async titleAction(view: string, name: Name): Promise<void> {
    await this.view(view).hover();
    await this.view(view).getByRole('toolbar').getByRole('button', { name }).click();
  }

  /** An entry of a view's "…" menu. A change of the view's title closes the menu. */
  async titleMenu(view: string, entry: Name): Promise<Locator> {
    const item = this.page.getByRole('menuitem', { name: entry });
    const open = (): Promise<void> => this.titleAction(view, 'More Actions...');
    return this.offered(item, `in the menu of ${view}: ${String(entry)}`, patienceMs / 10, open);
  }

  // Reopens the menu until it offers the entry: updates may close or empty it.
  private async offered(entry: Locator, what: string, eachMs: number, open: () => Promise<void>): Promise<Locator> {
    for (let left = 5; left > 0; left--) {
      await open();
      const shown = await entry.waitFor({ timeout: eachMs }).then(
        () => true,
        () => false,
      );
      if (shown) return entry;
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`Not offered ${what}`);
  }

  /**
   * Selects an entry of the open menu. A menu ignores mouse buttons in
   * its first 100 ms: the click is repeated until it works.
   */
  async menu(entry: Name): Promise<void> {
    const item = this.page.getByRole('menuitem', { name: entry });
    await item.hover();
    while (await item.isVisible()) await item.click({ delay: 120, timeout: 2_000 }).catch(() => undefined);
  }

  /** The input at the top: palette, quick pick, input box. */
  quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  /** Runs a command from the palette by its title with category. */
  async command(title: string): Promise<void> {
    const line = this.quickInput().getByRole('option', { name: title }).first();
    await (await this.offered(line, `in the palette: ${title}`, patienceMs / 5, () => this.search(title))).click();
  }

  /** Types a search text into the palette. */
  async search(title: string): Promise<void> {
    const typed = this.quickInput().getByRole('textbox');
    // The key press is lost while a loading element has the focus.
    while (!(await typed.isVisible())) {
      await this.page.keyboard.press('F1');
      await typed.waitFor({ timeout: 2_000 }).catch(() => undefined); // checked again above
    }
    await typed.fill(`>${title}`);
  }

  /** Selects a row of the quick pick. */
  async pick(label: Name): Promise<void> {
    await this.quickInput().getByRole('option', { name: label }).first().click();
  }

  /** Answers an input box; `asked` waits for the box with this title or prompt, ignoring rows of the preceding list. */
  async type(text: string, asked?: Name): Promise<void> {
    const questions = this.quickInput().locator('.quick-input-title, .quick-input-message');
    if (asked !== undefined) await questions.filter({ hasText: asked }).first().waitFor();
    const input = this.quickInput().getByRole('textbox').first();
    await input.fill(text);
    await input.press('Enter');
  }

  /** The focused document. */
  document(title: Name): Locator {
    return this.page.getByRole('textbox', { name: title }).and(this.page.locator(':focus'));
  }

  /** The modal dialog. */
  dialog(): Locator {
    return this.page.getByRole('dialog').and(this.page.locator('.monaco-dialog-box'));
  }

  /** Answers the modal dialog with one of its buttons. */
  async answer(button: string): Promise<void> {
    await this.dialog().getByRole('button', { name: button, exact: true }).click();
    await this.dialog().waitFor({ state: 'detached' });
  }

  /** A notification in the corner. */
  notification(text: Name): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text });
  }

  /** An entry of the status bar. */
  statusEntry(name: Name): Locator {
    return this.page.locator('.part.statusbar').getByRole('button', { name });
  }

  /** The page inside a webview. */
  webview(index = 0): FrameLocator {
    const outer = this.page.locator('iframe.webview.ready').nth(index).contentFrame();
    return outer.frameLocator('iframe#active-frame');
  }

  /** Sets the width of the side bar, in pixels, by dragging its edge. */
  async sideBarWidth(pixels: number): Promise<void> {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    if (box === null || Math.round(box.width) === pixels) return;
    const y = box.y + box.height / 2;
    await this.page.mouse.move(box.x + box.width, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + pixels, y, { steps: 4 });
    await this.page.mouse.up();
  }
}
