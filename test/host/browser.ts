import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram } from './install.ts';

/** A browser with one page. */
export interface OpenBrowser {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
}

const executable = (): string | undefined => process.env.CHROMIUM || findProgram('chromium');

/** Why no browser can be opened here, in words; undefined where one can. */
export const whyNoBrowser = (): string | undefined =>
  executable() === undefined ? 'not installed: chromium (or name another one with CHROMIUM)' : undefined;

const flags = [
  '--no-sandbox', // as root in a container there is none
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

// What turns and flows is drawn 60 times a second, without a graphics card here: a third of what a window computes during a run.
const still = `
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*, ::before, ::after { animation: none !important }');
  document.adoptedStyleSheets.push(sheet);
`;

/** Opens Chromium; it knows no other host than this computer. HEADED=1 shows it. */
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
  // VS Code asks its server for half of the key that seals secrets; without an answer they are lost on a reload.
  await context.route('**/mint-key', (route) =>
    route.fulfill({ contentType: 'application/octet-stream', body: Buffer.alloc(32, 1) }),
  );
  await context.addInitScript(still);
  return { browser, context, page: await context.newPage() };
};
