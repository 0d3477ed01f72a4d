// How long a frame of the flame graph takes with many nodes, in a real browser:
// node webview/dev/bench.ts [NODES]
// Its time line has 50 threads of 10 minutes, 10 of them with their calls.
import { drawn, launchBrowser, openDevPage } from './devPage.ts';

/** ms of processor time that the browser has used so far. */
async function cpuTime(): Promise<number> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.reduce((sum, process) => sum + process.cpuTime * 1000, 0);
}

interface Result {
  readonly what: string;
  readonly frames: number;
  /** ms of script per frame */
  readonly median: number;
  readonly p95: number;
  readonly worst: number;
  /** Frames per second the browser showed. */
  readonly shown: number;
  /** ms of all the browser's processes per frame, which other programs on the machine do not change. */
  readonly cpu: number;
}

const nodes = Number(process.argv[2] ?? 100_000);
const browser = await launchBrowser();
const session = await browser.newBrowserCDPSession();
try {
  const tab = await openDevPage(browser, { width: 1600, height: 1000 });
  await tab.evaluate((count) => {
    fakeHost.threads = Array.from({ length: 50 }, (_, thread) => `Thread-${thread}`);
    fakeHost.until = 600e6;
    fakeHost.status('ended');
    fakeHost.show(count);
  }, nodes);
  await drawn(tab);
  for (let lane = 0; lane < 10; lane++)
    await tab
      .locator('.lane-head')
      .nth(lane * 5)
      .evaluate((head) => (head as HTMLElement).click());
  await tab.locator('.timeline > .sash').focus();
  for (let step = 0; step < 12; step++) await tab.keyboard.press('ArrowDown');
  await tab.waitForFunction(() => fakeHost.timelineQuiet());
  await tab.locator('.placeholder').waitFor({ state: 'hidden' });
  const beforeArrival = await cpuTime();
  const arrival = await tab.evaluate(() => {
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const event = new MessageEvent('message', { data: structuredClone(fakeHost.currentTree) });
      const began = performance.now();
      window.dispatchEvent(event);
      times.push(performance.now() - began);
    }
    return times;
  });
  const arrivalCpu = ((await cpuTime()) - beforeArrival) / arrival.length;
  const results: Result[] = [];
  const kinds = [
    'zoom',
    'pan',
    'scroll',
    'zoom while searching',
    'timeline: zoom',
    'timeline: pan',
    'timeline: scroll',
    'timeline: select',
  ];
  for (const what of kinds) {
    const before = await cpuTime();
    const result = await tab.evaluate(async (kind) => {
      const isTimeline = kind.startsWith('timeline');
      const scroller = document.querySelector(isTimeline ? '.timeline-scroller' : '.flame-scroller')!;
      const search = document.querySelector<HTMLInputElement>('.search-input')!;
      search.value = kind === 'zoom while searching' ? 'orders' : '';
      search.dispatchEvent(new Event('input'));
      const frame = scroller.getBoundingClientRect();
      const wheel = (init: WheelEventInit): boolean =>
        scroller.dispatchEvent(
          new WheelEvent('wheel', {
            bubbles: true,
            cancelable: true,
            clientX: frame.left + frame.width * 0.4,
            clientY: frame.top + 200,
            ...init,
          }),
        );
      const script: number[] = [];
      const starts: number[] = [];
      const original = window.requestAnimationFrame.bind(window);
      // Time of the page's own frame callbacks.
      window.requestAnimationFrame = (callback) =>
        original((now) => {
          const began = performance.now();
          callback(now);
          script.push(performance.now() - began);
        });
      for (let step = 0; step < 120; step++) {
        const turn = Math.floor(step / 30) % 2 === 0 ? 1 : -1;
        if (kind.endsWith('pan')) wheel({ deltaX: turn * 20 });
        else if (kind.endsWith('scroll')) scroller.scrollTop += turn * 24;
        else if (kind.endsWith('select')) {
          const type = step === 0 ? 'pointerdown' : step === 119 ? 'pointerup' : 'pointermove';
          const at = { bubbles: true, pointerId: 1, clientX: frame.left + 300 + step * 5, clientY: frame.top + 40 };
          scroller.setPointerCapture = (): void => undefined; // of a pointer that there is not
          scroller.dispatchEvent(new PointerEvent(type, at));
        } else wheel({ deltaY: -turn * 20, ctrlKey: true });
        await new Promise<void>((resolve) => void original((now) => resolve(void starts.push(now))));
      }
      window.requestAnimationFrame = original;
      const sorted = script.toSorted((a, b) => a - b);
      return {
        what: kind,
        frames: sorted.length,
        median: sorted[Math.floor(sorted.length / 2)] ?? 0,
        p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
        worst: sorted.at(-1) ?? 0,
        shown: ((starts.length - 1) / (starts.at(-1)! - starts[0]!)) * 1000,
      };
    }, what);
    results.push({ ...result, cpu: ((await cpuTime()) - before) / Math.max(1, result.frames) });
  }
  console.log(`${nodes} nodes, 1600 × 1000, ${browser.version()}`);
  console.log(
    `a tree arriving (parse, lay out, index, colour, table): ${arrival.map((time) => time.toFixed(1)).join(', ')} ms; CPU ${arrivalCpu.toFixed(1)} ms each, copying and drawing included`,
  );
  console.table(
    results.map(({ what, frames, median, p95, worst, shown, cpu }) => ({
      what,
      frames,
      'CPU ms per frame': cpu.toFixed(2),
      'script ms per frame': median.toFixed(2),
      'p95 ms': p95.toFixed(2),
      'worst ms': worst.toFixed(2),
      'frames/s': shown.toFixed(1),
    })),
  );
} finally {
  await browser.close();
}
