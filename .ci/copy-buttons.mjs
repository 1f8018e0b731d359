// Presses every copy button of the pages named, as a person with a clipboard
// does, and once without a clipboard. Runs beside pagecheck's node_modules.
import { chromium } from "playwright-core";

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
let wrong = 0;
const check = (good, what) => {
  if (!good) wrong++;
  console.log(good ? "  PASS" : "  FAIL", what);
};
for (const address of process.argv.slice(2)) {
  console.log(address);
  const context = await browser.newContext({ locale: "en" });
  const page = await context.newPage();
  const told = [];
  page.on("console", (m) => told.push(m.text()));
  page.on("pageerror", (e) => told.push(String(e)));
  // The clipboard of a page without https, or of a file, may be out of reach.
  await page.addInitScript(() => {
    window.copied = [];
    Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { window.copied.push(text); } } });
  });
  await page.goto(address);
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  const buttons = page.locator("button.copy");
  const want = [];
  for (let i = 0; i < await buttons.count(); i++) {
    const button = buttons.nth(i);
    want.push(await button.evaluate((b) => b.closest("li").querySelector("a").href));
    await button.click();
    const said = await page.locator(".said").textContent();
    if (!said.endsWith(want[i])) check(false, `${want[i]}: says ${said}`);
  }
  const lists = await page.locator(".addresses li, .rows li").count();
  const copied = await page.evaluate(() => window.copied);
  check(lists > 0 && want.length === lists, `${want.length} buttons for ${lists} addresses`);
  check(JSON.stringify(copied) === JSON.stringify(want), "each copies the address beside it");
  check(told.length === 0, `nothing goes wrong ${told.join("; ")}`);
  await context.close();
  const without = await browser.newContext({ javaScriptEnabled: false });
  const plain = await without.newPage();
  await plain.goto(address);
  check(await plain.locator("button").count() === 0 && await plain.locator(".addresses a").count() === 3, "without scripts there are addresses and no buttons");
  await without.close();
}
await browser.close();
process.exit(wrong ? 1 : 0);
