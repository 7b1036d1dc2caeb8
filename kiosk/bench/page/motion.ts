import { type RefObject, useLayoutEffect, useRef } from 'react';

const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** Plays keyframes, unless the reader wants no motion. */
export function play(element: Element, keyframes: Keyframe[], options: KeyframeAnimationOptions): void {
  if (!stillness.matches) element.animate(keyframes, options);
}

const lastSeen = new Map<string, DOMRect>();

/** A thing that is drawn in different places at different times flies from where it was to where it is. */
export function useFlight<T extends HTMLElement>(thing: string): RefObject<T | null> {
  const ref = useRef<T>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const from = lastSeen.get(thing);
    const to = element.getBoundingClientRect();
    if (from && to.width > 0) {
      const scale = from.width / to.width;
      const x = from.left + from.width / 2 - (to.left + to.width / 2);
      const y = from.top + from.height / 2 - (to.top + to.height / 2);
      play(
        element,
        [
          { transform: `translate(${x}px, ${y}px) scale(${scale})`, zIndex: 5 },
          { transform: 'none', zIndex: 5 },
        ],
        { duration: 240, easing: 'ease-out' },
      );
    }
    return () => {
      lastSeen.set(thing, element.getBoundingClientRect());
    };
  }, [thing]);
  return ref;
}

/** Further than a trembling hand moves when it only wants to press, CSS pixels. */
const DRAG_STARTS_AT = 8;

/**
 * Lets a pointer carry an element; the element follows the pointer and is let go where it is.
 * @param dropped called with the pointer's place in the window; not called for a mere press
 */
export function useCarry<T extends HTMLElement>(
  ref: RefObject<T | null>,
  dropped: (x: number, y: number) => void,
): { onPointerDown(event: React.PointerEvent): void; wasCarried(): boolean } {
  const carried = useRef(false);
  return {
    wasCarried: () => carried.current,
    onPointerDown(event) {
      const element = ref.current;
      if (!element || event.button !== 0) return;
      carried.current = false;
      element.setPointerCapture(event.pointerId);
      const { clientX: startX, clientY: startY, pointerId } = event;
      const move = (moved: PointerEvent) => {
        if (moved.pointerId !== pointerId) return;
        const x = moved.clientX - startX;
        const y = moved.clientY - startY;
        if (!carried.current && Math.hypot(x, y) < DRAG_STARTS_AT) return;
        carried.current = true;
        element.dataset.carried = '';
        element.style.transform = `translate(${x}px, ${y}px) rotate(-2deg) scale(1.04)`;
      };
      const end = (ended: PointerEvent) => {
        if (ended.pointerId !== pointerId) return;
        element.removeEventListener('pointermove', move);
        element.removeEventListener('pointerup', end);
        element.removeEventListener('pointercancel', end);
        if (!carried.current) return;
        if (ended.type === 'pointerup') dropped(ended.clientX, ended.clientY);
        const { transform } = element.style;
        delete element.dataset.carried;
        element.style.transform = '';
        play(element, [{ transform }, { transform: 'none' }], { duration: 220, easing: 'ease-out' });
      };
      element.addEventListener('pointermove', move);
      element.addEventListener('pointerup', end);
      element.addEventListener('pointercancel', end);
    },
  };
}
