import type { PersonEntry } from '../../wire.ts';
import { useCarry, useFlight } from '../motion.ts';
import { useWords } from '../texts.ts';
import type { Hands } from '../use-bench.ts';

/** Where a card must be let go to lie on the reader. */
export const PAD_ID = 'reader-pad';

const isOver = (id: string, x: number, y: number): boolean => {
  const place = document.getElementById(id)?.getBoundingClientRect();
  return !!place && x >= place.left && x <= place.right && y >= place.top && y <= place.bottom;
};

/** A line may end with a middle dot, but not begin with one. */
const unbroken = (name: string): string => name.replaceAll('·', '\u2060·\u200b');

interface CardProps {
  readonly person: PersonEntry;
  readonly laid: boolean;
  readonly hands: Hands;
  readonly onLook?: (person: PersonEntry | null) => void;
}

/** An ID card: pressed or carried onto the reader, and off it again. */
export function IdCard({ person, laid, hands, onLook }: CardProps) {
  const { t } = useWords();
  const ref = useFlight<HTMLButtonElement>(`card ${person.id}`);
  const carry = useCarry(ref, (x, y) => {
    const onPad = isOver(PAD_ID, x, y);
    if (onPad !== laid) hands.placeCard(onPad ? person.id : null);
  });
  const type = person.cardType ?? 'citizen';
  return (
    <button
      type="button"
      ref={ref}
      className="id-card"
      data-type={type}
      data-person={person.id}
      aria-label={t(laid ? 'reader.lift' : 'card.place', { name: person.name })}
      onPointerDown={carry.onPointerDown}
      onClick={() => {
        if (!carry.wasCarried()) hands.placeCard(laid ? null : person.id);
      }}
      onPointerEnter={() => onLook?.(person)}
      onFocus={() => onLook?.(person)}
      onPointerLeave={() => onLook?.(null)}
      onBlur={() => onLook?.(null)}
    >
      <span className="id-card-kind">{t(`card.${type}`)}</span>
      <span className="id-card-name" lang="zh-CN">
        {unbroken(person.name)}
      </span>
      <span className="id-card-sample">{t('card.sample')}</span>
      <img src={person.portrait} alt="" draggable={false} />
    </button>
  );
}

interface DeckProps {
  readonly people: readonly PersonEntry[];
  readonly laid: string | null;
  readonly hands: Hands;
  readonly onLook: (person: PersonEntry | null) => void;
}

/** Every resident's card, lying about; the place of a card that is on the reader stays free. */
export function Deck({ people, laid, hands, onLook }: DeckProps) {
  return (
    <ul className="deck">
      {people.map((person) => (
        <li key={person.id} className="deck-place">
          {person.id !== laid && <IdCard person={person} laid={false} hands={hands} onLook={onLook} />}
        </li>
      ))}
    </ul>
  );
}
