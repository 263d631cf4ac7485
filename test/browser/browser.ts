import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { ensureBuilt } from "../guest/images.ts";

/** A part built by `build.sh`, named by what it is made of. */
const recipe = { directory: import.meta.dirname, recipes: ["build.sh", "../guest/part.sh"] };

/** Everything that a page did besides showing itself. */
export interface Watched {
  readonly page: Page;
  /** What it loaded, itself not counted. */
  readonly requests: readonly string[];
  /** What it or the browser said on the console, and errors of its scripts. */
  readonly said: readonly string[];
}

/** A real browser, without a network, that shows the pages of one directory. */
export class PageBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Builds the browser first where it is not there; says what to install where it cannot. */
  static async open(pages: string): Promise<PageBrowser> {
    const root = await ensureBuilt(recipe, "browser");
    const browser = await puppeteer.launch({
      executablePath: join(import.meta.dirname, "run-browser.sh"),
      env: { ...process.env, BLUT_BROWSER: root, BLUT_PAGES: pages },
      pipe: true,
      // A busy box takes its time.
      timeout: 120_000,
      protocolTimeout: 120_000,
    });
    return new PageBrowser(browser);
  }

  /** Shows a page of the directory and watches what it does. */
  async show(
    file: string,
    { width = 1280, scheme = "light", scripts = true }: Look = {},
  ): Promise<Watched> {
    const page = await this.#browser.newPage();
    const requests: string[] = [];
    const said: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("dialog", (dialog) => {
      said.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.setJavaScriptEnabled(scripts);
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    const url = `file:///mnt/${file}`;
    await page.goto(url, { waitUntil: "load" });
    return { page, said, requests: requests.filter((each) => each !== url) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
  readonly scripts?: boolean;
}
