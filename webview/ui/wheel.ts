import type { Camera } from '../model/camera.ts';
import { reducedMotion } from './dom.ts';

/** Something that is wider than what is seen of it, in a scroller. */
export interface ZoomedView {
  readonly scroller: HTMLElement;
  /** Of what is seen, CSS pixels. */
  readonly width: number;
  readonly camera: Pick<Camera, 'pan' | 'zoom'>;
  readonly moveCamera: (move: () => void) => void;
}

/**
 * Where there is something to scroll, a plain wheel scrolls, as everywhere; zooming then takes Ctrl, or a pinch, which comes
 * as Ctrl and small steps. Where all rows are in view, it zooms.
 * @param rowHeight CSS pixels of a line, for wheels that count in these
 * @param at where the pointer is, CSS pixels from the left edge of what is seen
 */
export function moveByWheel(view: ZoomedView, event: WheelEvent, rowHeight: number, at: number): void {
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? rowHeight : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
  const [x, y] = [event.deltaX * unit, event.deltaY * unit];
  const sideways = event.shiftKey || Math.abs(x) > Math.abs(y);
  const zooms = event.ctrlKey || event.metaKey || view.scroller.scrollHeight <= view.scroller.clientHeight;
  if (!zooms && !sideways) return; // the scroller's own
  event.preventDefault();
  const width = Math.max(1, view.width);
  // A mouse wheel comes in notches, which are eased; touch pads are smooth by themselves.
  const notch = Math.abs(y) >= 50 || Math.abs(x) >= 50;
  const animate = notch && !reducedMotion();
  view.moveCamera(() => {
    if (sideways) view.camera.pan((x || y) / width, animate && event.shiftKey);
    else {
      const speed = event.ctrlKey && !notch ? 0.012 : 0.0035;
      view.camera.zoom(Math.exp(-y * speed), Math.min(1, Math.max(0, at / width)), animate);
    }
  });
}
