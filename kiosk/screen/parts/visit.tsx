import { createContext, type ReactNode, use } from 'react';
import type { Intent, Snapshot } from '../../bridge/index.ts';
import type { Orientation } from '../theme/millimetres.ts';
import type { Words } from '../words/texts.ts';

/** What every part of a page may use: the snapshot shown, the words, and a way to ask the core for something. */
export interface Visit {
  readonly snapshot: Snapshot;
  readonly words: Words;
  readonly orientation: Orientation;
  /** Asks, on the page that is shown. */
  ask(intent: Intent): void;
}

const VisitContext = createContext<Visit | null>(null);

export function VisitProvider({ visit, children }: { visit: Visit; children: ReactNode }) {
  return <VisitContext value={visit}>{children}</VisitContext>;
}

/** @throws outside a page. */
export function useVisit(): Visit {
  const visit = use(VisitContext);
  if (visit === null) throw new Error('a part of a page was used outside a page');
  return visit;
}
