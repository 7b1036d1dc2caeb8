import { z } from 'zod';
import { framingNames } from './framing/index.ts';
import data from './profiles.json' with { type: 'json' };

/** `vvvv:pppp` in lower case; `vvvv:*` for everything of that vendor. */
const usbIds = z
  .array(z.string().regex(/^[0-9a-f]{4}:([0-9a-f]{4}|\*)$/, 'write it as in "10c4:0007"'))
  .min(1);

const common = {
  usb: usbIds,
  /** How well this is known; `one source` wants confirmation with a device. */
  confidence: z.enum(['several sources', 'one source', 'general knowledge']),
};

const speaking = {
  ...common,
  maker: z.string().min(1),
  model: z.string().min(1),
  transport: z.enum(['serial', 'hid', 'usb']),
  framing: z.enum(framingNames),
  /** See the transport of kind `usb`. */
  splitAt: z.number().int().min(1).optional(),
};

const profileSchema = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('reader'), ...speaking }),
  /** Between a reader, or anything else, and USB: worth asking. */
  z.strictObject({ is: z.literal('adapter'), ...speaking }),
  /** Something else, which is never written to. */
  z.strictObject({ is: z.literal('other'), ...common, what: z.string().min(1) }),
]);

/** What is known of devices by their USB ids. */
export type Profile = z.output<typeof profileSchema>;

/** Checks profiles as an integrator writes them (`profiles.json`); throws what is wrong. */
export function parseProfiles(content: unknown): readonly Profile[] {
  const profiles = z.array(profileSchema).parse(content);
  const ids = profiles.flatMap(({ usb }) => usb);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`two profiles speak of ${twice}`);
  return profiles;
}

/** The profiles that come with the driver: a line in `profiles.json` adds a reader. */
export const profiles: readonly Profile[] = parseProfiles(data);

/** The profile of a device `vvvv:pppp`; one that names the product goes before one of its vendor. */
export function profileOf(usb: string, among: readonly Profile[] = profiles): Profile | null {
  const id = usb.toLowerCase();
  const matching = (wanted: string): Profile | undefined =>
    among.find((profile) => profile.usb.includes(wanted));
  return matching(id) ?? matching(`${id.slice(0, 4)}:*`) ?? null;
}
