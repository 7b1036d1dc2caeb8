/** What `npm start` says to the person at the terminal, in their language. One sentence each. */
export interface Messages {
  unknownOption(option: string, near: string | undefined, all: string): string;
  noArgument(given: string): string;
  needsValue(option: string): string;
  badPort(option: string, given: string): string;
  badBackend(given: string): string;
  badShell(given: string): string;
  samePort(port: number): string;
  portTaken(port: number, option: string): string;
  portRefused(port: number, option: string): string;
  configUnreadable(file: string, why: string): string;
  dataUnwritable(folder: string, why: string): string;
  buildFailed(): string;
  ended(name: string, how: string): string;
  startsAgain(name: string, how: string, seconds: number): string;
  keepsEnding(name: string, how: string, times: number): string;
  neverReady(name: string, seconds: number): string;
  fetchingElectron(): string;
  noElectron(why: string): string;
  electronNotFound(why: string): string;
  installingBrowser(): string;
  noBrowser(): string;
  browserNotFound(): string;
  noDisplay(): string;
  noDisplayForShell(): string;
  openAddress(address: string): string;
  /** Under a demo: where to play, where to look. */
  otherAddresses(bench: string, backend: string | undefined): string;
  browserEnded(seconds: number): string;
}

const english: Messages = {
  unknownOption: (option, near, all) =>
    near === undefined
      ? `There is no option ${option}; there are ${all}.`
      : `There is no option ${option}; did you mean ${near}?`,
  noArgument: (given) => `"${given}" belongs to no option; options begin with -- (see npm start -- --help).`,
  needsValue: (option) => `The option ${option} needs a value after it.`,
  badPort: (option, given) => `${option} ${given} is no port; a port is a whole number from 1 to 65535.`,
  badBackend: (given) =>
    `--backend ${given} is no address; write one like http://192.168.1.10:8700, or none to work without.`,
  badShell: (given) => `--shell ${given} is unknown; it is electron or browser.`,
  samePort: (port) => `The kiosk and its backend cannot share port ${port}; give one of them another.`,
  portTaken: (port, option) =>
    `Port ${port} is taken by another program; end that one, or choose another port with ${option}.`,
  portRefused: (port, option) =>
    `Port ${port} may not be used by this account; choose one above 1023 with ${option}.`,
  configUnreadable: (file, why) => `The configuration ${file} cannot be read: ${why}.`,
  dataUnwritable: (folder, why) => `The data folder ${folder} cannot be used: ${why}.`,
  buildFailed: () => 'The screens could not be built; the reason is above.',
  ended: (name, how) => `The ${name} ended unexpectedly (${how}), so everything is being ended.`,
  startsAgain: (name, how, seconds) =>
    `The ${name} ended unexpectedly (${how}); it starts again in ${seconds} s.`,
  keepsEnding: (name, how, times) =>
    `The ${name} ended ${times} times within a minute (${how}), so everything is being ended.`,
  neverReady: (name, seconds) => `The ${name} was not ready within ${seconds} seconds.`,
  fetchingElectron: () => 'Fetching Electron (once; at most three minutes) …',
  noElectron: (why) => `Electron cannot be used here (${why}): the browser shell serves instead.`,
  electronNotFound: (why) => `Electron cannot be used here (${why}); try --shell browser.`,
  installingBrowser: () => 'Installing Chromium (once; some minutes) …',
  noBrowser: () => 'No Chromium, Chrome or Edge was found.',
  browserNotFound: () => 'No Chromium, Chrome or Edge was found; install one, or use --headless.',
  noDisplay: () => 'There is no display here, so no window is opened.',
  noDisplayForShell: () => 'There is no display here, so no window can be opened; use --headless.',
  openAddress: (address) => `Open the kiosk in a browser: ${address}`,
  otherAddresses: (bench, backend) =>
    [
      `To play with cards and faults: ${bench}`,
      ...(backend === undefined
        ? []
        : [`To check a certificate: ${backend}/verify`, `Console: ${backend}/console`]),
    ].join('\n'),
  browserEnded: (seconds) => `The browser ended; it starts again in ${seconds} s (Ctrl+C ends the kiosk).`,
};

const chinese: Messages = {
  unknownOption: (option, near, all) =>
    near === undefined
      ? `没有 ${option} 这个选项；可用的有 ${all}。`
      : `没有 ${option} 这个选项；是不是 ${near}？`,
  noArgument: (given) => `“${given}” 不属于任何选项；选项以 -- 开头（见 npm start -- --help）。`,
  needsValue: (option) => `选项 ${option} 后面要跟一个值。`,
  badPort: (option, given) => `${option} ${given} 不是端口号；端口号是 1 到 65535 的整数。`,
  badBackend: (given) => `--backend ${given} 不是地址；请写成 http://192.168.1.10:8700，不用后台就写 none。`,
  badShell: (given) => `不认识 --shell ${given}；可以是 electron 或 browser。`,
  samePort: (port) => `终端和后台不能共用端口 ${port}；请给其中一个换一个端口。`,
  portTaken: (port, option) => `端口 ${port} 被别的程序占用；请结束那个程序，或者用 ${option} 换一个端口。`,
  portRefused: (port, option) => `这个账号不能用端口 ${port}；请用 ${option} 换一个大于 1023 的端口。`,
  configUnreadable: (file, why) => `读不了配置文件 ${file}：${why}。`,
  dataUnwritable: (folder, why) => `用不了数据文件夹 ${folder}：${why}。`,
  buildFailed: () => '界面没有构建成功，原因见上。',
  ended: (name, how) => `${name} 意外结束（${how}），正在全部结束。`,
  startsAgain: (name, how, seconds) => `${name} 意外结束（${how}），${seconds} 秒后重新启动。`,
  keepsEnding: (name, how, times) => `${name} 一分钟内结束了 ${times} 次（${how}），正在全部结束。`,
  neverReady: (name, seconds) => `${name} 在 ${seconds} 秒内没有准备好。`,
  fetchingElectron: () => '正在获取 Electron（只此一次，最多三分钟）…',
  noElectron: (why) => `这里用不了 Electron（${why}），改用浏览器。`,
  electronNotFound: (why) => `这里用不了 Electron（${why}）；请试 --shell browser。`,
  installingBrowser: () => '正在安装 Chromium（只此一次，要几分钟）…',
  noBrowser: () => '没有找到 Chromium、Chrome 或 Edge。',
  browserNotFound: () => '没有找到 Chromium、Chrome 或 Edge；请安装一个，或者用 --headless。',
  noDisplay: () => '这里没有显示器，所以不打开窗口。',
  noDisplayForShell: () => '这里没有显示器，打不开窗口；请用 --headless。',
  openAddress: (address) => `请在浏览器里打开：${address}`,
  otherAddresses: (bench, backend) =>
    [
      `放卡、弄故障的工作台：${bench}`,
      ...(backend === undefined ? [] : [`查验证明：${backend}/verify`, `后台：${backend}/console`]),
    ].join('\n'),
  browserEnded: (seconds) => `浏览器结束了，${seconds} 秒后重新打开（按 Ctrl+C 结束）。`,
};

/** By the terminal's locale, as programs on this machine do it: LC_ALL before LC_MESSAGES before LANG. */
export function messagesFor(env: Readonly<Record<string, string | undefined>>): Messages {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return locale.startsWith('zh') ? chinese : english;
}
