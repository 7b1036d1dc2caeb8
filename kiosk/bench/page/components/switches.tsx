import type { DeviceEntry, DeviceName } from '../../wire.ts';
import { useWords } from '../texts.ts';
import type { Hands } from '../use-bench.ts';

/** The one fault that is shown as a cable, not as a switch. */
const UNPLUGGED = 'unplugged';

interface Props {
  readonly name: DeviceName;
  readonly device: DeviceEntry;
  readonly hands: Hands;
}

/** The box a device hangs on: its name, its cable, and one switch for each thing that can go wrong. */
export function SwitchBox({ name, device, hands }: Props) {
  const { t, fault: words } = useWords();
  const label = t(`device.${name}`);
  const troubles = device.faults.filter((fault) => fault !== UNPLUGGED);
  return (
    <div className="switch-box">
      <div className="switch-box-head">
        <h2 title={device.where}>{label}</h2>
        {device.faults.includes(UNPLUGGED) && (
          <Plug
            name={t('cable', { device: label })}
            state={t(device.fault === UNPLUGGED ? 'cable.pulled' : 'cable.plugged')}
            pulled={device.fault === UNPLUGGED}
            onToggle={(pulled) => hands.setFault(name, pulled ? UNPLUGGED : null)}
          />
        )}
      </div>
      {troubles.length > 0 && (
        <fieldset className="switches">
          <legend className="unseen">{t('faults', { device: label })}</legend>
          {troubles.map((fault) => (
            <button
              type="button"
              key={fault}
              className="switch"
              role="switch"
              aria-checked={device.fault === fault}
              data-fault={fault}
              onClick={() => hands.setFault(name, device.fault === fault ? null : fault)}
            >
              <span className="toggle" aria-hidden="true" />
              {words(fault)}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

interface PlugProps {
  readonly name: string;
  readonly state: string;
  readonly pulled: boolean;
  readonly onToggle: (pulled: boolean) => void;
}

/** A cable with a plug that can be pulled out of its socket. */
export function Plug({ name, state, pulled, onToggle }: PlugProps) {
  return (
    <button
      type="button"
      className="plug"
      role="switch"
      aria-checked={!pulled}
      aria-label={name}
      onClick={() => onToggle(!pulled)}
    >
      <svg viewBox="0 0 74 30" aria-hidden="true" focusable="false">
        <g className="plug-end">
          <path className="plug-cable" d="M-20 24 C-2 24 0 15 12 15" />
          <path className="plug-pins" d="M36 10.5h9M36 19.5h9" />
          <path className="plug-body" d="M12 9.5q0-3 3-3h12l10 2.5v12l-10 2.5h-12q-3 0-3-3z" />
        </g>
        <rect className="socket" x="46" y="2" width="26" height="26" rx="5" />
        <path className="socket-holes" d="M49 10.5h6M49 19.5h6" />
        <circle className="socket-lamp" cx="64" cy="15" r="3.5" />
      </svg>
      <span aria-hidden="true">{state}</span>
    </button>
  );
}
