import { useInsertionEffect, useLayoutEffect, useState } from 'react';
import type { DisplayProfile, Settings } from '../../bridge/index.ts';
import { type Orientation, orientationOf, pixelsPerMillimetre } from './millimetres.ts';

function applyDisplay(display: DisplayProfile): Orientation {
  const { innerWidth, innerHeight } = window;
  const mm = pixelsPerMillimetre(display, innerWidth, innerHeight);
  const orientation = orientationOf(innerWidth, innerHeight);
  const root = document.documentElement;
  root.style.fontSize = `${mm * 10}px`;
  root.style.setProperty('--mm', `${mm}px`);
  root.dataset.orientation = orientation;
  return orientation;
}

/**
 * Puts the display's millimetre and the visit's settings on the document: one rem is ten millimetres, everything
 * else follows in the style sheets. Returns how the window stands.
 */
export function useTheme(display: DisplayProfile, settings: Settings): Orientation {
  const [orientation, setOrientation] = useState(() => orientationOf(window.innerWidth, window.innerHeight));

  // Before any part of the page measures itself.
  useInsertionEffect(() => {
    applyDisplay(display);
    const root = document.documentElement;
    root.lang = settings.language;
    root.dataset.size = String(settings.textSize);
    root.dataset.contrast = settings.contrast;
    root.dataset.mode = settings.elder ? 'elder' : 'standard';
  }, [display, settings]);

  useLayoutEffect(() => {
    const measure = (): void => setOrientation(applyDisplay(display));
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, [display]);

  return orientation;
}
