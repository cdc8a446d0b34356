import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram } from './install.ts';

/** A browser with one page. */
export interface OpenBrowser {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
}

const executable = (): string | undefined => process.env.CHROMIUM || findProgram('chromium');

/** Reason why no browser can be opened here; undefined if one can. */
export const whyNoBrowser = (): string | undefined =>
  executable() === undefined ? 'not installed: chromium (or name another one with CHROMIUM)' : undefined;

const flags = [
  '--no-sandbox', // there is none when running as root in a container
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

// Animations redraw 60 times a second, without a graphics card here: a third of a window's CPU time during a run.
const still = `
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*, ::before, ::after { animation: none !important }');
  document.adoptedStyleSheets.push(sheet);
`;

/** Opens Chromium, restricted to this computer. HEADED=1 shows it. */
export const openBrowser = async (): Promise<OpenBrowser> => {
  const program = executable();
  const browser = await chromium.launch({
    ...(program !== undefined && { executablePath: program }),
    headless: process.env.HEADED !== '1',
    args: flags,
    handleSIGINT: false,
  });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  // VS Code requests half of the key that encrypts secrets from its
  // server; without an answer they are lost on a reload.
  await context.route('**/mint-key', (route) =>
    route.fulfill({ contentType: 'application/octet-stream', body: Buffer.alloc(32, 1) }),
  );
  await context.addInitScript(still);
  return { browser, context, page: await context.newPage() };
};
