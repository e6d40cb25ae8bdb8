const POLL = 30_000; // milliseconds between looks where no events come
const SETTLE = 400;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;

/**
 * Call `changed`, and have the open task look whether it is still ours, soon after the server hints that something may
 * be another: once for many hints. Where events do not come, every 30 seconds.
 */
export function live(address, changed) {
  let soon, poll, source;
  let wait = FIRST_WAIT;
  const look = () => {
    changed();
    for (const { dataset } of document.querySelectorAll(".task[data-task]")) {
      document.dispatchEvent(new CustomEvent("shixian:task", { detail: { task: dataset.task } }));
    }
  };
  const later = () => {
    clearTimeout(soon);
    soon = setTimeout(look, SETTLE);
  };
  const polling = (on) => {
    clearInterval(poll);
    poll = on ? setInterval(() => document.hidden || look(), POLL) : undefined;
  };
  const listen = () => {
    if (!window.EventSource) return polling(true);
    source = new EventSource(address);
    source.addEventListener("open", () => {
      wait = FIRST_WAIT;
      polling(false);
    });
    // Hello: what happened before this page began to listen was told to nobody.
    for (const hint of ["hello", "inbox", "task"]) source.addEventListener(hint, later);
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
