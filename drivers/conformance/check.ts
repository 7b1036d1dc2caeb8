/**
 * What a device of a class must do, written once and asked of everything that claims to be one: a simulator, a
 * recording, a real port, a real device in front of a technician.
 */

/** How one check went. `skipped` says what could not be had; it is no success. */
export type CheckResult =
  | { readonly outcome: 'passed'; readonly detail?: string }
  | { readonly outcome: 'failed' | 'skipped'; readonly detail: string };

/**
 * One property of a device class. Whatever `run` opens it closes. A check that throws has failed: the suite goes on.
 * `Context` is the class's own: how to open the device, and whose hands serve it.
 */
export interface Check<Context> {
  /** Stable, kebab-case, unique within its class, e.g. `reads-a-card`. */
  readonly id: string;
  /** One sentence that is true of a conforming device. */
  readonly title: string;
  run(context: Context): Promise<CheckResult>;
}

export const passed = (detail?: string): CheckResult =>
  detail === undefined ? { outcome: 'passed' } : { outcome: 'passed', detail };
export const failed = (detail: string): CheckResult => ({ outcome: 'failed', detail });
export const skipped = (detail: string): CheckResult => ({ outcome: 'skipped', detail });

/**
 * Who does what only hands can do. A simulator does it at once; for a real device a technician is asked, and may say
 * that it cannot be done (false): the check is then skipped.
 */
export type Hands<Task extends string> = (task: Task) => Promise<boolean>;
