import type { PrintedReceipt } from '@huimin/drivers';
import type { TrayItem, TrayKind } from './wire.ts';

/** What came out of a printer, in memory only. */
export type Paper = { readonly id: string; readonly at: number } & (
  | { readonly kind: 'certificate'; readonly pdf: Uint8Array }
  | { readonly kind: 'receipt'; readonly receipt: PrintedReceipt }
);

export interface Trays {
  /** Oldest first. */
  readonly papers: readonly Paper[];
  /** Lays a paper into its tray and gives it an id, e.g. `certificate-3`. */
  add(paper: WithoutId<Paper>): Paper;
  find(id: string): Paper | undefined;
  /** Takes a paper out; `undefined` when there is none of that id. */
  take(id: string): Paper | undefined;
}

type WithoutId<T> = T extends Paper ? Omit<T, 'id'> : never;

/** The oldest papers fall off when more than this lie there. */
const ROOM = 40;

export function createTrays(): Trays {
  let papers: readonly Paper[] = [];
  const printed: Record<TrayKind, number> = { certificate: 0, receipt: 0 };
  return {
    get papers() {
      return papers;
    },
    add(content) {
      printed[content.kind] += 1;
      const paper: Paper = { ...content, id: `${content.kind}-${printed[content.kind]}` };
      papers = [...papers, paper].slice(-ROOM);
      return paper;
    },
    find: (id) => papers.find((paper) => paper.id === id),
    take(id) {
      const taken = papers.find((paper) => paper.id === id);
      papers = papers.filter((paper) => paper !== taken);
      return taken;
    },
  };
}

/** A paper as the API lists it. */
export const trayItem = (paper: Paper): TrayItem => ({
  id: paper.id,
  kind: paper.kind,
  at: new Date(paper.at).toISOString(),
  href: `/bench/api/trays/${paper.id}`,
});
