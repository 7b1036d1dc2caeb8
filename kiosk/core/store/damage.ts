import type { Gap } from './book.ts';
import type { Finding } from './journal.ts';

/** What was found damaged, in words for a technician: where, what is missing, and where the sealed file is kept. */
export function describeFindings(
  findings: readonly Finding[],
  gaps: readonly Gap[],
  /** Under which name it is kept beside; null when it is not. */
  keptAs: (finding: Finding) => string | null,
): readonly string[] {
  const keptOr = (finding: Finding, otherwise: string): string => {
    const name = keptAs(finding);
    return name === null ? otherwise : `; the file is kept, sealed as it is, as ${name}`;
  };
  return findings.map((finding) => {
    const { file } = finding;
    const kept = keptOr(finding, '; the file stays in use');
    switch (finding.kind) {
      case 'torn':
        return `${file}: an unfinished commit of ${finding.to - finding.from} bytes at ${finding.from}, as a power cut leaves one, is left out${keptOr(finding, '; there was no room to keep its bytes')}`;
      case 'foreign':
        return `${file}: an earlier version of this program wrote it while the journal stood beside it; what it holds is not in use${keptOr(finding, '')}`;
      case 'header-copy':
        return `${file}: one copy of the header is damaged, the other one serves${kept}`;
      case 'unreadable':
        return `${file}: the header is damaged in both places, nothing in it can be opened${kept}`;
      case 'hole': {
        const { from, to, missing } = finding;
        const gap = gaps.find(({ hole }) => hole.from === from && hole.to === to);
        const events = gap === undefined ? '' : `, with the events ${gap.from} to ${gap.to}`;
        return `${file}: damaged from byte ${from} to ${to}: ${describeMissing(missing)}${events}; what stands before and after is kept${kept}`;
      }
      default:
        return finding satisfies never;
    }
  });
}

function describeMissing({ from, to }: { readonly from: number; readonly to: number | null }): string {
  if (to === null) return `the frames from ${from} on are missing`;
  if (to < from) return `frame ${from} does not follow the one before it`;
  return from === to ? `frame ${from} is missing` : `the frames ${from} to ${to} are missing`;
}
