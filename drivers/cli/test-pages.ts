import type { ReceiptDocument, ReceiptElement } from '../receipt-printer/index.ts';

/** A receipt that shows what a printer can do, from its Chinese font to its cutter; names no person. */
export function receiptTestPage(columns: number): ReceiptDocument {
  const ruler = '1234567890'.repeat(10).slice(0, columns);
  const lines: ReceiptElement[] = [
    { kind: 'text', text: '打印测试', align: 'center', size: 2, bold: true },
    { kind: 'text', text: 'Printer test', align: 'center' },
    { kind: 'rule' },
    { kind: 'text', text: ruler },
    { kind: 'text', text: 'bold 粗体', bold: true },
    { kind: 'text', text: 'underlined 下划线', underline: true },
    { kind: 'text', text: 'twice the size 大字', size: 2 },
    { kind: 'text', text: 'left' },
    { kind: 'text', text: 'centre 居中', align: 'center' },
    { kind: 'text', text: 'right', align: 'right' },
    {
      kind: 'columns',
      cells: [{ text: '项目 Item' }, { text: '12.50', width: 10, align: 'right' }],
    },
    { kind: 'code128', data: `TEST-${columns}` },
    { kind: 'qr', data: 'https://example.org/printer-test', size: 6 },
    { kind: 'rule' },
    { kind: 'text', text: 'If this was cut off, the cutter works.', align: 'center' },
    { kind: 'feed', lines: 2 },
    { kind: 'cut' },
  ];
  return { lines };
}

/** A text as a receipt: printed as it is, fed out and cut. */
export const plainReceipt = (text: string): ReceiptDocument => ({
  lines: [{ kind: 'text', text }, { kind: 'feed', lines: 3 }, { kind: 'cut' }],
});
