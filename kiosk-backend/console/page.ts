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

type Kiosk = Summary['kiosks'][number];
type Told = NonNullable<Kiosk['telemetry']>;

/** A kiosk tells how it is every five minutes; one that has been silent for longer than this is out of reach. */
const SILENT_MS = 15 * 60_000;

/** What a kiosk without a network says last is not that it is without one: its silence tells. */
function stuckSince({ lastContact, telemetry }: Kiosk, serverTime: string): Cell {
  if (Date.parse(serverTime) - Date.parse(lastContact) > SILENT_MS)
    return `${readable(lastContact)} 起没有消息 not heard since`;
  const since = telemetry?.outbox.stuckSince ?? null;
  return since && readable(since);
}

const untold = (id: string, stuck: Cell): Cell[] => [id, ...Array<null>(8).fill(null), stuck, null];

const told = (id: string, { devices, disk, outbox, ...telemetry }: Told, stuck: Cell): Cell[] => [
  id,
  readable(telemetry.at),
  telemetry.version,
  Math.round(telemetry.uptimeSeconds / 360) / 10,
  listed(devices.filter(({ state }) => state !== 'online').map(({ name, state }) => `${name}: ${state}`)),
  listed(devices.flatMap(({ name, paper }) => (paper === null ? [] : [`${name}: ${paper}`]))),
  telemetry.writable ? disk && Math.round(disk.free / 1e8) / 10 : '写不进 cannot be written',
  outbox.waiting,
  outbox.heads.length === 0
    ? outbox.refused
    : `${outbox.refused}: ${outbox.heads.map((head) => `#${head.sequence} ${head.kind}: ${head.reason}`).join('; ')}`,
  stuck,
  telemetry.keyHolder,
];

const listed = (words: readonly string[]): string => words.join(', ') || '正常 fine';

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
    '已撤销信任 Revoked',
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
    kiosk.revokedAt && readable(kiosk.revokedAt),
    kiosk.clockAhead,
    kiosk.events,
    kiosk.chainGaps,
    kiosk.refusals,
  ]),
)}
${table(
  '终端状态 How kiosks are',
  [
    '终端 Kiosk',
    '上报时间 Told at',
    '版本 Version',
    '运行（小时） Up (h)',
    '设备 Devices',
    '纸张 Paper',
    '磁盘余量（GB） Disk free (GB)',
    '待发 Waiting',
    '被拒 Set aside',
    '卡住自 Stuck since',
    '密钥保管 Key kept by',
  ],
  summary.kiosks.map((kiosk) => {
    const stuck = stuckSince(kiosk, summary.serverTime);
    return kiosk.telemetry === null ? untold(kiosk.id, stuck) : told(kiosk.id, kiosk.telemetry, stuck);
  }),
)}
${
  summary.forks.length === 0
    ? ''
    : table(
        '同一身份出现两份记录：终端可能被复制，也可能是恢复了旧备份或硬盘丢了最近的记录。请到现场核实；若只有一台，撤销信任（revoke-kiosk）后重新登记。 Two journals under one identity: a copied kiosk, an old backup put back, or a disk that forgot its latest entries. Look on site; then revoke the kiosk (revoke-kiosk) and enrol the right one anew.',
        ['终端 Kiosk', '发现时间 Noticed', '从第几条起 From event', '另存 Set aside', '已撤销信任 Revoked'],
        summary.forks.map(({ kiosk, since, sequence, setAside, revoked }) => [
          kiosk,
          readable(since),
          sequence,
          setAside,
          revoked ? '是 yes' : '否 no',
        ]),
      )
}
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
${
  summary.leftOut.length === 0
    ? ''
    : table(
        '终端收不到的登记资料：内容不合规定 Registry rows kiosks are not told of: they do not fit',
        ['表 Table', '社区 Community', '字段 Fields', '行数 Rows'],
        summary.leftOut.map(({ table, community, fields, rows }) => [table, community, fields, rows]),
      )
}
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
