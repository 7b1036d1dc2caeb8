import { useLayoutEffect, useRef, useState } from 'react';
import { useWords } from '../texts.ts';

export type Posture = 'portrait' | 'landscape';

/** The display's pixels, as in the product: 1080 x 1920 upright. */
const SIZES: Readonly<Record<Posture, readonly [width: number, height: number]>> = {
  portrait: [1080, 1920],
  landscape: [1920, 1080],
};

/** The kiosk itself, its screen at full resolution and drawn smaller. */
export function Kiosk({ posture }: { readonly posture: Posture }) {
  const { t } = useWords();
  const [width, height] = SIZES[posture];
  const space = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState(0.25);

  useLayoutEffect(() => {
    const element = space.current;
    if (!element) return;
    const fit = () => setScale(Math.min(element.clientWidth / width, element.clientHeight / height));
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    fit();
    return () => observer.disconnect();
  }, [width, height]);

  return (
    <section className="kiosk" data-posture={posture} aria-label={t('kiosk')}>
      <div className="kiosk-body">
        <div className="kiosk-brand" aria-hidden="true">
          <span className="kiosk-seal">惠</span>惠民
        </div>
        <div className="kiosk-space" ref={space}>
          <div className="kiosk-glass" style={{ width: width * scale, height: height * scale }}>
            <iframe
              src="/"
              title={t('kiosk.screen')}
              width={width}
              height={height}
              style={{ transform: `scale(${scale})` }}
              allow="camera; autoplay"
            />
          </div>
        </div>
        <div className="kiosk-foot" aria-hidden="true">
          <i />
          <i />
          <i />
        </div>
      </div>
    </section>
  );
}
