import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nightMs } from "../support/night.ts";
import { nightRig } from "../support/night-rig.ts";
import { blutctl } from "../system/support/blutctl.ts";
import { PageBrowser, type Look } from "./browser.ts";

let browser: PageBrowser;
const pages = mkdtempSync(join(tmpdir(), "blut-pages-"));

beforeAll(async () => {
  const night = await nightRig();
  await using rig = night.rig;
  const since = `${Math.ceil(nightMs / 60_000) + 30}m`;
  const write = (file: string, ...args: string[]) =>
    blutctl(rig, "report", "--html", join(pages, file), ...args).ended;
  const wrote = [
    await write("night.html", "--since", since),
    await write("empty.html", "--since", "2020-01-01", "--until", "2020-01-02"),
  ];
  expect(wrote.map(({ code }) => code)).toStrictEqual([0, 0]);
  browser = await PageBrowser.open(pages);
});

afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  rmSync(pages, { recursive: true });
});

const looks: readonly Look[] = [
  { width: 1280, scheme: "light" },
  { width: 1280, scheme: "dark" },
  { width: 390, scheme: "light" },
  { width: 390, scheme: "dark" },
  { width: 390, scheme: "light", scripts: false },
];

describe.each(looks)("the page of a report at %o", (look) => {
  test("loads nothing and says nothing", async () => {
    const { page, requests, said } = await browser.show("night.html", look);
    expect({ requests, said }).toStrictEqual({ requests: [], said: [] });
    expect(await page.title()).toBe("blut: 9 of 14 runs ended well; 4 need you.");
    await page.close();
  });

  test("fits the window, and everything that is drawn can be seen", async () => {
    const { page } = await browser.show("night.html", look);
    const { overflow, charts, shapes } = await page.evaluate(() => {
      const boxesOf = (selector: string) =>
        [...document.querySelectorAll(selector)].map((each) => {
          const { left, right, width, height } = each.getBoundingClientRect();
          return { what: each.getAttribute("class") ?? selector, left, right, width, height };
        });
      return {
        overflow: document.documentElement.scrollWidth - window.innerWidth,
        charts: boxesOf("svg.chart"),
        shapes: boxesOf("svg.chart path, svg.chart rect"),
      };
    });
    expect(overflow).toBeLessThanOrEqual(0);
    // The timeline, the box, and a chart for each of the runs' steps among the dozen courses.
    expect(charts.length).toBeGreaterThan(6);
    for (const { width, height, left, right } of charts) {
      expect(width).toBeGreaterThan(250);
      expect(height).toBeGreaterThan(100);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(look.width ?? 0);
    }
    expect(shapes.length).toBeGreaterThan(40);
    expect(shapes.filter(({ width, height }) => width < 1 && height < 1)).toStrictEqual([]);
    await page.close();
  });

  test("every word has a contrast of 4.5 to 1 at least", async () => {
    const { page } = await browser.show("night.html", look);
    const pale = await page.evaluate(() => {
      const numbers = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
      const light = (color: string): number => {
        const [r = 0, g = 0, b = 0] = numbers(color).map((part) => {
          const share = part / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const groundOf = (element: Element | null): string => {
        if (element === null) return "rgb(255, 255, 255)";
        const color = getComputedStyle(element).backgroundColor;
        return numbers(color)[3] === 0 ? groundOf(element.parentElement) : color;
      };
      const hasWords = (element: Element): boolean =>
        [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
      return [...document.querySelectorAll("body *")]
        .filter((element) => hasWords(element) && !["title", "desc"].includes(element.tagName))
        .map((element) => {
          const style = getComputedStyle(element);
          const words = light(element instanceof SVGElement ? style.fill : style.color);
          const ground = light(groundOf(element));
          const [low, high] = words < ground ? [words, ground] : [ground, words];
          return { text: element.textContent, ratio: (high + 0.05) / (low + 0.05) };
        })
        .filter(({ ratio }) => ratio < 4.5);
    });
    expect(pale).toStrictEqual([]);
    await page.close();
  });
});

describe("what is on the page", () => {
  test("security: what runs say is text and nothing more", async () => {
    const { page, said } = await browser.show("night.html");
    const found = await page.evaluate(() => ({
      scripts: document.querySelectorAll("script, img, iframe, link, object, [onerror]").length,
      failed: [...document.querySelectorAll(".failures strong")].map((each) => each.textContent),
      wrote: [...document.querySelectorAll(".failures pre")].map((each) => each.textContent),
      lanes: [...document.querySelectorAll(".lane")].map((each) => each.textContent),
    }));
    expect(found.scripts).toBe(0);
    expect(found.failed).toContain("<script>alert(document.cookie)</script>");
    expect(found.wrote).toContain('ERROR <img src=x onerror=alert(1)> & "quotes"');
    expect(found.lanes).toContain("<script>alert(document.cookie)</script>");
    expect(said).toStrictEqual([]);
    await page.close();
  });

  test("security: its own policy refuses whatever would get in all the same", async () => {
    const text = readFileSync(join(pages, "night.html"), "utf8");
    const intruder =
      '<script>alert("in")</script><style>h1 { color: lime }</style><img src="http://127.0.0.1:9/x.png">';
    writeFileSync(join(pages, "intruder.html"), text.replace("<main>", `<main>${intruder}`));
    const { page, said } = await browser.show("intruder.html");
    const refused = said.filter((line) => line.includes("Content Security Policy"));
    expect(refused).toHaveLength(3);
    expect(said.filter((line) => line.startsWith("dialog"))).toStrictEqual([]);
    const color = await page.$eval("h1", (h1) => getComputedStyle(h1).color);
    expect(color).not.toBe("rgb(0, 255, 0)");
    await page.close();
  });

  test("failures come with their commands, bars and charts with words for those who do not see them", async () => {
    const { page } = await browser.show("night.html");
    const { commands, titles, charts, headings } = await page.evaluate(() => ({
      commands: [...document.querySelectorAll(".failures code")].map((each) => each.textContent),
      titles: [...document.querySelectorAll(".bar title")].map((each) => each.textContent),
      charts: [...document.querySelectorAll("svg.chart")].map((each) => ({
        role: each.getAttribute("role"),
        words: [each.querySelector(":scope > title"), each.querySelector(":scope > desc")].every(
          (word) => (word?.textContent.length ?? 0) > 5,
        ),
      })),
      headings: [...document.querySelectorAll("h2")].map((each) => each.textContent),
    }));
    expect(commands).toContain("blutctl log run_night0000008");
    expect(titles).toHaveLength(14);
    expect(titles).toContain("backup, failed: exit 11, 12m (run_night0000008)");
    expect(charts.every(({ role, words }) => role === "img" && words)).toBe(true);
    expect(headings).toStrictEqual([
      ...["What failed", "Timeline", "The box", "Memory against limit"],
      ...["What ran", "Schedules", "Besides"],
    ]);
    await page.close();
  });

  test("near-misses are marked where they were", async () => {
    const { page } = await browser.show("night.html");
    const shares = await page.$$eval("svg.chart .near", (marks) =>
      marks.map((mark) => Number(mark.getAttribute("x")) / 1000),
    );
    // From the 205th to the 214th of 690 minutes.
    expect(Math.min(...shares)).toBeGreaterThan((205 + 25) / 690);
    expect(Math.max(...shares)).toBeLessThan((214 + 35) / 690);
    await page.close();
  });

  test("a time in which nothing was leaves out everything that would be empty", async () => {
    const { page, said } = await browser.show("empty.html");
    expect(await page.$eval("h1", (h1) => h1.textContent)).toBe("Nothing happened.");
    const headings = await page.$$eval("h2", (all) => all.map((each) => each.textContent));
    expect(headings).not.toContain("Timeline");
    expect(headings).not.toContain("What failed");
    expect(said).toStrictEqual([]);
    await page.close();
  });
});
