const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** An age as kubectl prints it: `45s`, `2m5s`, `17m`, `3h12m`, `30h`, `2d3h`, `12d`, `2y45d`, `8y`. */
export function humanDuration(ms: number): string {
  if (ms < -second) return "<invalid>";
  if (ms < 0) return "0s";
  if (ms < 2 * minute) return `${Math.floor(ms / second)}s`;
  if (ms < 10 * minute) return pair(ms, [minute, "m"], [second, "s"]);
  if (ms < 3 * hour) return `${Math.floor(ms / minute)}m`;
  if (ms < 8 * hour) return pair(ms, [hour, "h"], [minute, "m"]);
  if (ms < 2 * day) return `${Math.floor(ms / hour)}h`;
  if (ms < 8 * day) return pair(ms, [day, "d"], [hour, "h"]);
  if (ms < 2 * year) return `${Math.floor(ms / day)}d`;
  if (ms < 8 * year) return pair(ms, [year, "y"], [day, "d"]);
  return `${Math.floor(ms / year)}y`;
}

type Unit = readonly [size: number, letter: string];

function pair(ms: number, large: Unit, small: Unit): string {
  const whole = Math.floor(ms / large[0]);
  const rest = Math.floor((ms % large[0]) / small[0]);
  return rest === 0 ? `${whole}${large[1]}` : `${whole}${large[1]}${rest}${small[1]}`;
}

/** The age of a timestamp; `<unknown>` where there is none. */
export function ageOf(timestamp: unknown, nowMs: number): string {
  if (typeof timestamp !== "string" || timestamp === "") return "<unknown>";
  const then = Date.parse(timestamp);
  return Number.isNaN(then) ? "<unknown>" : humanDuration(nowMs - then);
}
