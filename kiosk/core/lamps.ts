import type { FlashRate, Lights } from '@huimin/drivers';
import type { Snapshot } from '../bridge/index.ts';

/** Lights beside the things that a resident reaches for, named as in XFS4IoT Lights. */
const lamps = ['cardReader', 'documentPrinter', 'receiptPrinter'] as const;
type Lamp = (typeof lamps)[number];

/** What leads the eye at each page: where the card goes, where paper comes out, where help is needed. Pure. */
export function lampsFor(view: Snapshot['view']): Readonly<Partial<Record<Lamp, FlashRate>>> {
  switch (view.screen) {
    case 'welcome':
      return { cardReader: 'continuous' };
    case 'card':
      return { cardReader: 'slow' };
    case 'collect':
      return { documentPrinter: 'slow', receiptPrinter: 'slow' };
    case 'fault':
      switch (view.device) {
        case 'idCardReader':
          return { cardReader: 'quick' };
        case 'certificatePrinter':
          return { documentPrinter: 'quick' };
        case 'receiptPrinter':
          return { receiptPrinter: 'quick' };
        case 'storage':
          return {};
        default:
          return view.device satisfies never;
      }
    case 'farewell':
      return view.cardPresent ? { cardReader: 'quick' } : {};
    default:
      return {};
  }
}

/** Keeps the lamps that this kiosk has in step with its pages. A wish that cannot come true now is kept by the driver. */
export function followWithLamps(
  lights: Pick<Lights, 'capabilities' | 'setLight'>,
): (snapshot: Snapshot) => void {
  const present = lamps.filter((lamp) => lamp in lights.capabilities.lights);
  const shown = new Map<Lamp, FlashRate>();
  return ({ view }) => {
    const wished = lampsFor(view);
    for (const lamp of present) {
      const flashRate = wished[lamp] ?? 'off';
      if (shown.get(lamp) === flashRate) continue;
      shown.set(lamp, flashRate);
      void lights.setLight(lamp, { flashRate });
    }
  };
}
