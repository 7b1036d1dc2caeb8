import { distance } from 'fastest-levenshtein';

const plain = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The word that was probably meant: the nearest, one that holds it or that it holds; undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const meant = plain(word);
  if (meant === '') return undefined;
  const [best] = candidates
    .map((candidate) => ({ candidate, far: distance(meant, plain(candidate)) }))
    .sort((a, b) => a.far - b.far);
  const near = meant.length < 4 ? 1 : Math.max(2, Math.floor(meant.length / 3));
  if (best && best.far <= near && best.far < meant.length) return best.candidate;
  return candidates.find(
    (candidate) => meant.length > 2 && (plain(candidate).includes(meant) || meant.includes(plain(candidate))),
  );
}

/** `There is no class idcard; did you mean id-card?`, or what there is. */
export function unknownWord(what: string, word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  const help = meant === undefined ? `there are ${candidates.join(', ')}` : `did you mean ${meant}?`;
  return `There is no ${what} ${word}; ${help}`;
}
