import http from 'node:http';

/** What a test in the extension host can ask of the page around it. */
export type BridgeRequest =
  | { readonly kind: 'screenshot'; readonly name: string }
  /** Waits for an element; in a webview, which is found by the selector `frame`. */
  | { readonly kind: 'waitFor'; readonly selector: string; readonly frame?: string }
  /** Points at an element of the page, or clicks it. */
  | { readonly kind: 'hover' | 'click'; readonly selector: string };

const socket = process.env['HEATLINE_BRIDGE'];

/** Whether there is a page to ask: not in a desktop VS Code. */
export const hasBridge = socket !== undefined;

/** Takes a picture of the window: out/screenshots/NAME.png. */
export async function screenshot(name: string): Promise<void> {
  await ask({ kind: 'screenshot', name });
}

/** Waits until an element is in the page and returns the texts of all that match. */
export async function waitFor(selector: string, frame?: string): Promise<string[]> {
  return (await ask({ kind: 'waitFor', selector, ...(frame === undefined ? {} : { frame }) })) as string[];
}

/** Points at the first element in the page that matches, as far as it has to be waited for. */
export async function hover(selector: string): Promise<void> {
  await ask({ kind: 'hover', selector });
}

/** Clicks the first element in the page that matches, once that can be done. */
export async function click(selector: string): Promise<void> {
  await ask({ kind: 'click', selector });
}

async function ask(request: BridgeRequest): Promise<unknown> {
  if (socket === undefined) throw new Error('This VS Code has no bridge to its page.');
  return new Promise((resolve, reject) => {
    const sent = http.request({ socketPath: socket, method: 'POST', path: '/' }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => {
        const reply = JSON.parse(body) as { readonly value?: unknown; readonly error?: string };
        if (reply.error === undefined) resolve(reply.value);
        else reject(new Error(reply.error));
      });
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(request));
  });
}
