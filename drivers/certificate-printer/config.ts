import { z } from 'zod';

const DEFAULT_MEDIA = 'iso_a4_210x297mm';

const common = {
  /** Pause between two looks at the printer, milliseconds. */
  pollIntervalMs: z.number().int().min(1).max(60_000).default(500),
  /** How long the printer may take to answer a question, milliseconds. */
  answerTimeoutMs: z.number().int().min(1).max(600_000).default(5_000),
};

const ADDRESS =
  'a printer is named as in ipp://127.0.0.1:631/printers/certificates (ipp, ipps, http or https)';
const printerAddress = z.string({ error: ADDRESS }).refine(
  (uri) => {
    if (!URL.canParse(uri)) return false;
    const { protocol, hostname } = new URL(uri);
    return ['ipp:', 'ipps:', 'http:', 'https:'].includes(protocol) && hostname !== '';
  },
  { error: ADDRESS },
);

const fingerprint = z
  .string()
  .regex(/^([0-9A-Fa-f]{2}:?){32}$/, {
    error: "the SHA-256 of the printer's certificate is 32 bytes in hexadecimal, with or without colons",
  })
  .transform((text) => (text.replaceAll(':', '').toUpperCase().match(/../g) ?? []).join(':'));

const ipp = z.strictObject({
  protocol: z.literal('ipp').optional(),
  uri: printerAddress,
  /** Owner of the jobs, as the printer sees it. */
  user: z.string().min(1).max(255).default('kiosk'),
  /** The paper of a certificate, named as in PWG 5101.1. */
  media: z.string().min(1).default(DEFAULT_MEDIA),
  /** For `ipps:` with a certificate that no known authority has issued. */
  tls: z.strictObject({ fingerprint256: fingerprint }).optional(),
  ...common,
});

const windowsSpooler = z.strictObject({
  protocol: z.literal('windows-spooler'),
  /** The queue, as Windows calls it. It must take PDF as it is: documents are sent raw. */
  printer: z.string({ error: 'the name of the queue, as Windows shows it' }).min(1).max(220),
  /**
   * The program, and its arguments, that speaks with the spooler: Windows PowerShell with the script beside this
   * driver unless told.
   */
  helper: z.array(z.string().min(1)).min(1).optional(),
  ...common,
});

export const certificatePrinterConfigSchema = z
  .discriminatedUnion('protocol', [ipp, windowsSpooler])
  .refine((config) => !('tls' in config && config.tls) || /^(ipps|https):/.test(config.uri), {
    path: ['tls'],
    error: 'only an ipps: or https: address has a certificate',
  });

export type CertificatePrinterConfig = z.input<typeof certificatePrinterConfigSchema>;

/** The configuration with its defaults filled in. */
export type CertificatePrinterSettings = z.output<typeof certificatePrinterConfigSchema>;
