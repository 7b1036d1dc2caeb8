import type { Summary } from './summary.ts';

/** Text made safe for HTML, in content and in attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** An ISO time as people write it, to the second, in UTC. */
const readable = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;

type Cell = string | number | null;

function table(caption: string, head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = (row: readonly Cell[]) =>
    row
      .map((cell) =>
        typeof cell === 'number' ? `<td class="number">${cell}</td>` : `<td>${escapeHtml(cell ?? '—')}</td>`,
      )
      .join('');
  const body = rows.length
    ? rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')
    : `<tr><td class="none" colspan="${head.length}">没有记录 Nothing here</td></tr>`;
  return `<section><div class="wide"><table><caption>${escapeHtml(caption)}</caption>
<thead><tr>${head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')}</tr></thead>
<tbody>${body}</tbody></table></div></section>`;
}

/** The console's page. */
export function consolePage(summary: Summary): string {
  const { certificates } = summary;
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>惠民终端 · 控制台</title>
<link rel="icon" href="/verify/seal.svg">
<link rel="stylesheet" href="/console/console.css">
</head>
<body>
<header><h1>惠民终端 · 控制台 <span lang="en">Console</span></h1>
<p>时间均为 UTC，截至 ${readable(summary.serverTime)}。只读。<span lang="en">Times in UTC. Read only.</span></p></header>
<main>
<dl class="figures">
<div><dt>终端 Kiosks</dt><dd>${summary.kiosks.length}</dd></div>
<div><dt>证明 Certificates</dt><dd>${certificates.count}</dd></div>
<div><dt>其中离线开具 Issued offline</dt><dd>${certificates.offline}</dd></div>
<div><dt>已作废 Revoked</dt><dd>${certificates.revoked}</dd></div>
</dl>
${table(
  '终端 Kiosks',
  [
    '终端 Kiosk',
    '编号 Number',
    '社区 Community',
    '最近联系 Last contact',
    '时钟快（秒） Clock ahead (s)',
    '事件 Events',
    '链中断 Chain gaps',
    '拒收 Refused',
  ],
  summary.kiosks.map((kiosk) => [
    kiosk.id,
    kiosk.number,
    kiosk.community,
    readable(kiosk.lastContact),
    kiosk.clockAhead,
    kiosk.events,
    kiosk.chainGaps,
    kiosk.refusals,
  ]),
)}
${table(
  '打印问题 Print problems',
  ['终端 Kiosk', '文件 Document', '编号 Number', '状态 State', '说明 Detail', '时间 Time'],
  summary.printProblems.map((entry) => [
    entry.kiosk,
    { certificate: '证明 certificate', receipt: '回执 receipt' }[entry.document] ?? entry.document,
    entry.number,
    { unknown: '不确定 unknown', failed: '失败 failed' }[entry.state] ?? entry.state,
    entry.detail,
    readable(entry.at),
  ]),
)}
${table(
  '事件 Events',
  ['种类 Kind', '收下 Accepted', '拒收 Rejected'],
  summary.events.map(({ kind, accepted, rejected }) => [kind, accepted, rejected]),
)}
${table(
  '最近的证明 Latest certificates',
  ['编号 Number', '种类 Type', '持有人 Holder', '终端 Kiosk', '上报时间 Reported'],
  certificates.latest.map((one) => [one.number, one.type, one.holder, one.kiosk, readable(one.reportedAt)]),
)}
</main>
</body>
</html>
`;
}

/** The front page: where the backend's pages are. */
export const frontPage = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>惠民终端 · 后台</title>
<link rel="icon" href="/verify/seal.svg">
<link rel="stylesheet" href="/console/console.css">
</head>
<body>
<header><h1>惠民终端 · 后台 <span lang="en">Backend</span></h1></header>
<main><ul class="places">
<li><a href="/verify">验证一份证明 <span lang="en">Verify a certificate</span></a></li>
<li><a href="/console">控制台 <span lang="en">Console</span></a></li>
<li><a href="/docs">接口说明 <span lang="en">API description</span></a></li>
</ul></main>
</body>
</html>
`;
