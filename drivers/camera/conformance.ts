import {
  type Check,
  type CheckResult,
  failed,
  passed,
  type SupervisedContext,
  skipped,
  supervisedChecks,
  whileOnline,
} from '../conformance/index.ts';
import type { Camera } from './camera.ts';
import { partsOf } from './match.ts';

export interface CameraContext extends SupervisedContext<Camera> {
  /** Looks at the camera's light; null: nobody looked. */
  eyes(): Promise<'dark' | 'lit' | null>;
}

export const cameraChecks: readonly Check<CameraContext>[] = [
  ...supervisedChecks,
  {
    id: 'one-camera',
    title: 'exactly one camera is meant, and its label tells which',
    run: (context) =>
      whileOnline(context, async ({ status }): Promise<CheckResult> => {
        if (status.label === null) return failed('it is online without a label');
        const { name, usb } = partsOf(status.label);
        return name === ''
          ? failed('its label has no name')
          : passed(`${name}${usb === null ? '' : `, USB ${usb}`}`);
      }),
  },
  {
    id: 'light',
    title: 'its light goes on and off',
    run: (context) =>
      whileOnline(context, async (camera): Promise<CheckResult> => {
        if (!camera.capabilities.light) {
          const refused = await camera.setLight(1);
          if (refused.ok) return failed('it has no light, yet sets it');
          return skipped('it has no light');
        }
        for (const [level, wanted] of [
          [1, 'lit'],
          [0, 'dark'],
        ] as const) {
          const set = await camera.setLight(level, { timeoutMs: 2000 });
          if (!set.ok) return failed(`setting the light ended with ${set.error.reason}`);
          const seen = await context.eyes();
          if (seen === null) return skipped('nobody looked');
          if (seen !== wanted) return failed(`the light is ${seen}, not ${wanted}`);
        }
        return passed();
      }),
  },
];
