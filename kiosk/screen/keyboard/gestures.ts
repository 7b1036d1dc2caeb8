/** Takes away what a public touchscreen must not do: menus, dragging, selecting, zooming. Returns what ends it. */
export function calmGestures(page: Window): () => void {
  const stop = (event: Event): void => event.preventDefault();
  const stopZoom = (event: WheelEvent): void => {
    if (event.ctrlKey) event.preventDefault();
  };
  const kinds = ['contextmenu', 'dragstart', 'selectstart', 'gesturestart', 'dblclick'];
  for (const kind of kinds) page.addEventListener(kind, stop);
  page.addEventListener('wheel', stopZoom, { passive: false });
  return () => {
    for (const kind of kinds) page.removeEventListener(kind, stop);
    page.removeEventListener('wheel', stopZoom);
  };
}
