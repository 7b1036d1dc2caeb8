/**
 * Looks at the page that is shown, in millimetres, and says what is not as the interface criteria ask
 * (domain §6): targets, gaps, letters, reach, overflow, overlap, punctuation. Runs inside the page, so it uses
 * nothing from outside itself.
 */
export function measurePage(): string[] {
  const problems: string[] = [];
  const mm = Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--mm'));
  const dialog = document.querySelector('[role="alertdialog"]');
  const scope = dialog ?? document.body;
  const upright = innerHeight > innerWidth;
  const tolerance = 0.06;
  const nameOf = (element: Element): string =>
    element.getAttribute('data-action') ?? `${element.className} “${element.textContent?.slice(0, 16)}”`;
  const shown = (element: Element): boolean => element.checkVisibility({ visibilityProperty: true });

  // Controls: size, reach, gaps.
  const controls = [...scope.querySelectorAll('[data-action]')].filter(shown);
  const boxes = controls.map((control) => control.getBoundingClientRect());
  controls.forEach((control, index) => {
    const box = boxes[index];
    if (box === undefined) return;
    const primary = control.matches('.primary, .actions > .choice');
    const least = control.matches('.elder-tiles > *') ? 60 : primary ? 20 : 16;
    for (const [side, pixels] of [
      ['width', box.width],
      ['height', box.height],
    ] as const) {
      if (pixels / mm < least - tolerance) {
        problems.push(`${nameOf(control)}: ${side} ${(pixels / mm).toFixed(1)} mm < ${least} mm`);
      }
    }
    if (upright && box.top < innerHeight * 0.4) problems.push(`${nameOf(control)}: above the lower 60 %`);
    for (let other = index + 1; other < boxes.length; other++) {
      const next = boxes[other];
      if (next === undefined) continue;
      const aside = Math.max(next.left - box.right, box.left - next.right);
      const below = Math.max(next.top - box.bottom, box.top - next.bottom);
      const gap = Math.max(aside, below) / mm;
      if (gap < 3 - tolerance) {
        problems.push(
          `${nameOf(control)} and ${nameOf(controls[other] ?? control)}: gap ${gap.toFixed(1)} mm < 3 mm`,
        );
      }
    }
  });

  // Texts: letters, clipping, overlap, punctuation.
  const capital = 0.733;
  const mainText =
    'h1, .caption, .primary, .choice, .row-value, dd, .tile strong, .note strong, .bar, .key, .steps strong';
  const noLineStart = /[，。；：！？、”’）》]/;
  const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
  const lines: { box: DOMRect; of: Element }[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const parent = node.parentElement;
    const text = node.textContent ?? '';
    if (parent === null || text.trim() === '' || !shown(parent)) continue;
    if (parent.closest('svg, .unseen, [aria-hidden="true"], script, style') !== null) continue;
    const height = (Number.parseFloat(getComputedStyle(parent).fontSize) / mm) * capital;
    const least =
      parent.closest('small, .over, .summary, .state') === null && parent.closest(mainText) ? 7.3 : 4.8;
    if (height < least - tolerance) problems.push(`“${text.slice(0, 16)}”: capitals ${height.toFixed(1)} mm`);

    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width === 0) continue;
      lines.push({ box, of: parent });
      for (let around: Element | null = parent; around !== null; around = around.parentElement) {
        const clips = around === document.documentElement || getComputedStyle(around).overflow !== 'visible';
        if (!clips && !around.matches('.control, .sight, .hand, .desk, .actions, .masthead')) continue;
        const bounds = around.getBoundingClientRect();
        // A line's box is higher than its letters; a seventh of it is leading.
        const slack = box.height / 7;
        if (
          box.left < bounds.left - 1 ||
          box.right > bounds.right + 1 ||
          box.top + slack < bounds.top - 1 ||
          box.bottom - slack > bounds.bottom + 1
        ) {
          problems.push(`“${text.slice(0, 16)}” leaves ${nameOf(around)}`);
          break;
        }
      }
    }
    let lastTop = Number.NaN;
    for (let at = 0; at < text.length; at++) {
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const { top } = range.getBoundingClientRect();
      if (top > lastTop + 4 && noLineStart.test(text[at] ?? '')) {
        problems.push(`“${text.slice(0, 16)}”: a line starts with ${text[at]}`);
      }
      const letters = /[A-Za-z]{2}/.test(text.slice(Math.max(0, at - 1), at + 1));
      if (top > lastTop + 4 && letters) problems.push(`“${text.slice(0, 16)}”: broken inside a word`);
      lastTop = top;
    }
  }
  lines.forEach(({ box, of }, index) => {
    for (const { box: next, of: other } of lines.slice(index + 1)) {
      if (of === other) continue;
      const wide = Math.min(box.right, next.right) - Math.max(box.left, next.left);
      const high = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
      if (wide > 2 && high > Math.min(box.height, next.height) * 0.3) {
        problems.push(`“${of.textContent?.slice(0, 12)}” lies on “${other.textContent?.slice(0, 12)}”`);
      }
    }
  });

  // Boxes: nothing outside the window or its container.
  const page = document.documentElement;
  if (page.scrollWidth > innerWidth || page.scrollHeight > innerHeight) problems.push('the page scrolls');
  for (const box of document.querySelectorAll('.room, .sheet, .sight, .hand, .body, .fitted, .desk, .idle')) {
    if (box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1) {
      problems.push(
        `.${box.className}: content ${box.scrollWidth}×${box.scrollHeight} in ${box.clientWidth}×${box.clientHeight}`,
      );
    }
  }
  const desk = document.querySelector('.desk')?.getBoundingClientRect();
  for (const part of document.querySelectorAll('.hand > *, .sight > *, .body > *')) {
    const bounds = part.getBoundingClientRect();
    if (desk !== undefined && bounds.bottom > desk.top + 1)
      problems.push(`${nameOf(part)} runs under the desk`);
  }
  return [...new Set(problems)];
}
