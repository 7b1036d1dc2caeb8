import {
  type Carrier,
  type DisplayProfile,
  type ToCore,
  type ToScreen,
  toCoreSchema,
} from '../../bridge/index.ts';
import type { Session } from '../session/index.ts';

/** A screen that keeps sending what is not understood is no screen of ours. */
const MOST_REFUSALS = 20;

/** Screens of one session, whatever carries their messages. All see the same snapshots. */
export interface Screens {
  attach(carrier: Carrier): void;
  close(): void;
}

export function serveScreens(options: {
  readonly session: Session;
  readonly display: DisplayProfile;
  readonly onKeys: (keys: Extract<ToCore, { type: 'keys' }>['keys']) => void;
}): Screens {
  const { session, display, onKeys } = options;
  const attached = new Set<Carrier>();
  const post = (carrier: Carrier, message: ToScreen): void => carrier.send(JSON.stringify(message));

  session.onSnapshot((snapshot) => {
    for (const carrier of attached) post(carrier, { type: 'snapshot', snapshot });
  });

  const take = (message: ToCore): void => {
    switch (message.type) {
      case 'intent':
        session.intend(message.page, message.intent);
        return;
      case 'activity':
        session.touch();
        return;
      case 'keys':
        onKeys(message.keys);
        return;
      default:
        message satisfies never;
    }
  };

  return {
    attach: (carrier) => {
      let refusals = 0;
      attached.add(carrier);
      carrier.onClose(() => attached.delete(carrier));
      carrier.onMessage((text) => {
        const message = parse(text);
        if (message !== null) {
          take(message);
          return;
        }
        refusals += 1;
        post(carrier, { type: 'refused', reason: 'this message is not part of the bridge' });
        if (refusals >= MOST_REFUSALS) carrier.close();
      });
      post(carrier, { type: 'welcome', protocol: 1, display });
      post(carrier, { type: 'snapshot', snapshot: session.snapshot });
    },
    close: () => {
      for (const carrier of [...attached]) carrier.close();
    },
  };
}

function parse(text: string): ToCore | null {
  try {
    const parsed = toCoreSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // not JSON
  }
}
