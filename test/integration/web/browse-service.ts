import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { expect } from 'vitest';
import { type Batch, type Category, type RunningServices, serve } from '../../../src/core/index.ts';
import { declareCategories } from '../../support/test-database.ts';
import { makeDatabase } from './fill-database.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why no browser can be driven here; undefined where one can. */
export const whyNoBrowser = existsSync(executablePath) ? undefined : `there is no ${executablePath}`;

const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Asks again and again, for as long as a busy machine may need to get there; takes any matcher. */
export function eventually<T>(ask: () => Promise<T> | T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(ask, { timeout: 60_000 });
}

/** Builds the page as `npm run build` does. */
export function buildPage(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../../scripts/build-web.ts', import.meta.url))]);
}

let launched: Promise<Browser> | undefined;

/** Starts the browser that all services of a test file are looked at with. */
function launchBrowser(): Promise<Browser> {
  launched ??= chromium.launch({ executablePath, args: browserArguments });
  return launched;
}

/** Ends the browser, where one has been started. */
export async function closeBrowser(): Promise<void> {
  await (await launched)?.close();
  launched = undefined;
}

/** What a service is started over. */
export interface Content {
  readonly batches?: readonly Batch[];
  /** Declared in the database before the batches are stored. */
  readonly categories?: readonly Category[];
  readonly token?: string;
}

/** The real web service over a real SQLite database, and a real browser that looks at it. */
export class ServiceInBrowser {
  /** What went wrong in any page: script errors, console errors, refused loads, violations of the policy. */
  readonly problems: string[] = [];
  readonly file: string;
  readonly #folder: string;
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];
  readonly #token: string | undefined;
  #services: RunningServices;

  private constructor(folder: string, browser: Browser, services: RunningServices, token?: string) {
    this.#folder = folder;
    this.file = join(folder, 'records.db');
    this.#browser = browser;
    this.#services = services;
    this.#token = token;
  }

  static async start({ batches = [], categories = [], token }: Content): Promise<ServiceInBrowser> {
    const folder = await mkdtemp(join(tmpdir(), 'kernelscope-web-'));
    const file = join(folder, 'records.db');
    await makeDatabase(file, []);
    declareCategories(file, categories);
    await makeDatabase(file, batches);
    const services = await startWeb(file, 0, token);
    return new ServiceInBrowser(folder, await launchBrowser(), services, token);
  }

  get url(): string {
    return this.#services.webUrl!;
  }

  /** Opens an address in a window of its own. */
  async open(address = '', options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 1200 },
      reducedMotion: 'reduce',
      ...options,
    });
    this.#contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('requestfailed', (request) => {
      const { errorText = '' } = request.failure() ?? {};
      // What the page itself no longer wants to know.
      if (errorText !== 'net::ERR_ABORTED') this.problems.push(`${errorText}: ${request.url()}`);
    });
    page.on('dialog', (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.problems.push(message.text());
    });
    await page.goto(`${this.url}/${address}`);
    return page;
  }

  /** Closes all windows; answers what went wrong in them. */
  async closeAll(): Promise<readonly string[]> {
    for (const context of this.#contexts.splice(0)) await context.close();
    return this.problems.splice(0);
  }

  /** Asks the API as any client does; answers the parsed JSON. */
  async ask(body: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${this.url}/api`, { method: 'POST', headers, body: JSON.stringify(body) });
    return response.json();
  }

  /** Takes the service away; `restart` brings it back at the same address. */
  async stopService(): Promise<void> {
    await this.#services.close();
  }

  async restartService(): Promise<void> {
    this.#services = await startWeb(this.file, Number(new URL(this.url).port), this.#token);
  }

  async stop(): Promise<void> {
    await this.#services.close();
    await rm(this.#folder, { recursive: true });
  }
}

function startWeb(file: string, port: number, token?: string): Promise<RunningServices> {
  return serve({
    location: { backend: 'sqlite', address: file },
    create: false,
    web: { host: '127.0.0.1', port, ...(token === undefined ? {} : { token }) },
    onBug: (error) => {
      throw error;
    },
  });
}
