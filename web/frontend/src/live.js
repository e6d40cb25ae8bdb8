const POLL = 30_000; // milliseconds between looks where no events come
const SETTLE = 400;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;

/**
 * Call `changed` soon after the server hints that the inbox may be another, and once for many hints. Where events do
 * not come, call it every 30 seconds.
 */
export function live(address, changed) {
  let soon, poll, source;
  let wait = FIRST_WAIT;
  const later = () => {
    clearTimeout(soon);
    soon = setTimeout(changed, SETTLE);
  };
  const polling = (on) => {
    clearInterval(poll);
    poll = on ? setInterval(() => document.hidden || changed(), POLL) : undefined;
  };
  const listen = () => {
    if (!window.EventSource) return polling(true);
    source = new EventSource(address);
    source.addEventListener("open", () => {
      // What happened between two connections was told to nobody.
      if (poll) later();
      wait = FIRST_WAIT;
      polling(false);
    });
    // A hint carries nothing: whatever task is open asks for its own state.
    const hinted = () => {
      later();
      const task = document.querySelector("[data-task]")?.dataset.task;
      if (task) document.dispatchEvent(new CustomEvent("shixian:task", { detail: { task } }));
    };
    source.addEventListener("inbox", hinted);
    source.addEventListener("task", hinted);
    source.addEventListener("error", () => {
      if (!poll) polling(true);
      // The browser connects again by itself unless the answer was none of events; then it gives up for good.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(listen, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  };
  listen();
  window.addEventListener("pagehide", () => source?.close());
  document.addEventListener("visibilitychange", () => document.hidden || later());
}
