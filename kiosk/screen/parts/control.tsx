import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import type { Intent } from '../../bridge/index.ts';
import { play } from '../voice/sounds.ts';
import { actionName } from './action.ts';
import { useVisit } from './visit.tsx';

/** primary: the one thing to do on a page · choice: one of several equal ones · plain: a quiet one · bar · tile · key. */
export type ControlKind = 'primary' | 'choice' | 'plain' | 'bar' | 'setting' | 'tile' | 'key';

interface ControlProps {
  readonly kind: ControlKind;
  readonly intent: Intent;
  /** What is done when another name or more than asking is wanted. */
  readonly onPress?: () => void;
  readonly label?: string;
  readonly disabled?: boolean;
  /** For controls that are on or off, chosen or not. */
  readonly pressed?: boolean;
  readonly lifted?: boolean;
  readonly language?: string;
  /** The one that Enter presses when a dialog opens. */
  readonly autoFocus?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A control that acts: the press begins and ends inside it, and it answers at once with its look and a soft tap. */
export function Control(props: ControlProps) {
  const { ask } = useVisit();
  const { kind, intent, onPress, label, disabled = false, pressed, lifted = false, language } = props;
  return (
    <Button
      className={`control ${kind} ${props.className ?? ''}`}
      data-action={actionName(intent) ?? undefined}
      data-lifted={lifted || undefined}
      isDisabled={disabled}
      autoFocus={props.autoFocus === true}
      aria-disabled={disabled}
      onPressStart={() => play('tap')}
      onPress={onPress ?? (() => ask(intent))}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      {...(language === undefined ? {} : { lang: language })}
    >
      {props.children}
    </Button>
  );
}
