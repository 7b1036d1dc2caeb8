import type { Intent } from '../../bridge/index.ts';
import { Control } from './control.tsx';
import { Icon } from './icon.tsx';
import { useVisit } from './visit.tsx';

/** The bar that is always there. `lifted` is the one that is the thing to do on this page. */
export function Bar({ lifted, onRepeat }: { lifted: readonly string[]; onRepeat: () => void }) {
  const { snapshot, words } = useVisit();
  const { can, idle } = snapshot;
  const covered = idle !== null;
  const items: readonly { act: 'back' | 'repeat' | 'help' | 'finish'; enabled: boolean }[] = [
    { act: 'back', enabled: can.back },
    { act: 'repeat', enabled: true },
    { act: 'help', enabled: can.help },
    // The warning before the end has its own way to end; two of the same name would be one too many.
    { act: 'finish', enabled: can.finish && !covered },
  ];
  return (
    <nav className="bar" aria-label={words.t('bar')}>
      {items.map(({ act, enabled }) => (
        <Control
          key={act}
          kind="bar"
          intent={{ do: act } satisfies Intent}
          disabled={!enabled}
          lifted={lifted.includes(act) && enabled}
          {...(act === 'repeat' ? { onPress: onRepeat } : {})}
        >
          <Icon name={act} />
          <span>{words.t(`bar.${act}`)}</span>
        </Control>
      ))}
    </nav>
  );
}
