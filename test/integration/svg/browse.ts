import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why no browser can be driven here; undefined where one can. */
export const whyNoBrowser = existsSync(executablePath) ? undefined : `there is no ${executablePath}`;

/** Asks again and again, for as long as a busy machine may need to get there; takes any matcher. */
export function eventually<T>(ask: () => Promise<T> | T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(ask, { timeout: 60_000 });
}

/** What the server answers: the body, its type, and a Content-Security-Policy. */
export interface Document {
  readonly body: string | Buffer;
  readonly type: string;
  readonly policy?: string;
}

/** A real browser and a server of documents by path. */
export class Browsing {
  readonly documents = new Map<string, Document>();
  /** What went wrong in any page: script errors, console errors, refused loads. */
  readonly problems: string[] = [];
  readonly #browser: Browser;
  readonly #server: Server;

  constructor(browser: Browser) {
    this.#browser = browser;
    this.#server = createServer((request, response) => {
      const document = this.documents.get(new URL(request.url ?? '/', 'http://localhost').pathname);
      if (document === undefined) {
        response.writeHead(request.url === '/favicon.ico' ? 204 : 404).end();
        return;
      }
      const policy = document.policy === undefined ? {} : { 'Content-Security-Policy': document.policy };
      response.writeHead(200, { 'Content-Type': document.type, ...policy }).end(document.body);
    });
  }

  static async start(): Promise<Browsing> {
    const browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    const browsing = new Browsing(browser);
    await new Promise<void>((resolve) => browsing.#server.listen(0, '127.0.0.1', resolve));
    return browsing;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Opens a document in a window of its own. */
  async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
    const page = await context.newPage();
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('requestfailed', (request) => this.problems.push(`failed: ${request.url()}`));
    page.on('dialog', (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      // What the software renderer remarks of its own speed is nobody's problem.
      if (message.text().includes('GL Driver Message')) return;
      if (message.type() === 'error' || message.type() === 'warning') this.problems.push(message.text());
    });
    await page.goto(this.origin + path);
    return page;
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
