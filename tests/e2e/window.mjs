// Starts tauri-driver and the window under it, and gives a page with the few verbs the steps need.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { Builder, By, Capabilities, until } from 'selenium-webdriver';

const FIND_MS = 60_000;
const START_MS = 30_000;

/** A port nobody listens on. */
async function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function listening(url, deadline) {
  while (Date.now() < deadline) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Not up yet.
    }
    await new Promise((r) => setTimeout(r, 100));
  }
  throw new Error('tauri-driver did not answer');
}

/** The window under WebDriver; `stop` ends it and the driver. */
export async function startWindow({ driver, native, app, args, env }) {
  const [port, nativePort] = [await freePort(), await freePort()];
  const environment = { ...process.env, ...env };
  delete environment.IAMBILLY_PASSPHRASE;
  const nativeArgs = native.includes('/') ? ['--native-driver', native] : [];
  const child = spawn(driver, ['--port', String(port), '--native-port', String(nativePort), ...nativeArgs], {
    env: environment, stdio: ['ignore', 'inherit', 'inherit'],
  });
  const gone = new Promise((_, reject) => child.once('error', reject));
  const capabilities = new Capabilities();
  capabilities.set('tauri:options', { application: app, args });
  capabilities.setBrowserName('wry');
  try {
    await Promise.race([gone, listening(`http://127.0.0.1:${port}/status`, Date.now() + START_MS)]);
    const web = await new Builder().withCapabilities(capabilities).usingServer(`http://127.0.0.1:${port}/`).build();
    return {
      page: pageOf(web),
      async stop() {
        await web.quit().catch(() => undefined);
        child.kill();
      },
    };
  } catch (error) {
    child.kill();
    throw error;
  }
}

function pageOf(web) {
  const css = (selector) => web.wait(until.elementLocated(By.css(selector)), FIND_MS, `not on the page: ${selector}`);
  return {
    css,
    sleep: (ms) => web.sleep(ms),
    run: (script, ...args) => web.executeScript(script, ...args),
    async text(selector) {
      await css(selector);
      return web.executeScript('return document.querySelector(arguments[0]).textContent', selector);
    },
    attribute: async (selector, name) => (await css(selector)).getAttribute(name),
    enabled: async (selector) => (await css(selector)).isEnabled(),
    click: async (selector) => (await css(selector)).click(),
    async type(selector, text) {
      const field = await css(selector);
      await field.clear();
      await field.sendKeys(text);
    },
    /** Past the door: waits until it opened, and makes the recovery kit where the window asks for one. */
    async entered() {
      let asked = null;
      await this.until(FIND_MS, async () => {
        asked = await web.executeScript(`return document.querySelector('#kit-draw') ? 'kit' : document.querySelector('#passphrase, main[aria-label="Recovery kit"]') ? null : 'in'`);
        return asked !== null;
      });
      if (asked === 'in') return;
      // A click may go lost while the page still settles: made again as long as the button is there.
      await this.until(FIND_MS, async () => {
        const drawn = await web.executeScript(`return document.querySelector('.words li') !== null`);
        if (!drawn) await web.executeScript(`const b = document.querySelector('#kit-draw'); if (b && !b.disabled) b.click()`);
        return drawn;
      });
      const words = await web.executeScript(`return [...document.querySelectorAll('.words li')].map((e) => e.textContent).join(' ')`);
      await this.click('#kit-written');
      await this.type('#kit-typed', words);
      await this.click('#kit-try');
      await this.until(FIND_MS, () => web.executeScript(`return document.querySelector('#kit-typed') === null`));
    },
    hold: (key) => web.actions().keyDown(key).perform(),
    letGo: (key) => web.actions().keyUp(key).perform(),
    press: (key) => web.actions().sendKeys(key).perform(),
    chord: (modifier, key) => web.actions().keyDown(modifier).sendKeys(key).keyUp(modifier).perform(),
    screenshot: async () => Buffer.from(await web.takeScreenshot(), 'base64'),
    /** Waits until `holds` is true, asking twice a second; its errors end the wait. */
    async until(ms, holds) {
      const deadline = Date.now() + ms;
      while (!(await holds())) {
        if (Date.now() > deadline) throw new Error(`not within ${ms / 1000} s`);
        await web.sleep(500);
      }
    },
  };
}
