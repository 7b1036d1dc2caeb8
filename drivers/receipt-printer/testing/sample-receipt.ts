/** A receipt of 40 printed lines, as the kiosk gives one after a visit. Invented. */

import type { ReceiptDocument } from '../document/index.ts';

export const sampleReceipt = (extra: readonly string[] = []): ReceiptDocument => ({
  lines: [
    { kind: 'text', text: '惠民自助服务终端', align: 'center', size: 2, bold: true },
    { kind: 'text', text: 'Community service kiosk', align: 'center' },
    { kind: 'rule' },
    ...Array.from({ length: 34 }, (_, index) => ({
      kind: 'columns' as const,
      cells: [
        { text: `事项 ${index + 1}`, width: 12 },
        { text: '居住证明 residence' },
        { text: '已出证', width: 8, align: 'right' as const },
      ],
    })),
    ...extra.map((text) => ({ kind: 'text' as const, text })),
    { kind: 'qr', data: 'https://verify.example/r/0001-000042', size: 6 },
    { kind: 'code128', data: 'R-0001-000042' },
    { kind: 'text', text: '请妥善保管 Please keep this slip', align: 'center', underline: true },
    { kind: 'feed', lines: 1 },
    { kind: 'cut' },
  ],
});
