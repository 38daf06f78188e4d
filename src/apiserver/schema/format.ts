/** Says whether a string has a format. Formats that nobody checks have no such function. */
export type FormatCheck = (text: string) => boolean;

const pattern =
  (expression: RegExp): FormatCheck =>
  (text) =>
    expression.test(text);

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`);
const durationUnits = "(ns|us|µs|μs|ms|s|m|h|d|w|hour|hours|min|minute|minutes|second|seconds|day|days|week|weeks)";

/** Every expression here is free of nested repetition over one alphabet: none can take exponential time. */
const checks: Readonly<Record<string, FormatCheck>> = {
  byte: pattern(/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/),
  cidr: isCidr,
  creditcard: pattern(/^\d{13,19}$/),
  date: isDate,
  "date-time": isDateTime,
  datetime: isDateTime,
  duration: pattern(new RegExp(`^-?(\\d+(\\.\\d+)?\\s*${durationUnits})+$`)),
  email: pattern(/^[^\s@<>]+@[^\s@<>]+$/),
  hexcolor: pattern(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/),
  hostname: pattern(/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/),
  ipv4: pattern(ipv4),
  ipv6: isIpv6,
  isbn10: pattern(/^(\d[ -]?){9}[\dXx]$/),
  isbn13: pattern(/^(\d[ -]?){12}\d$/),
  mac: pattern(/^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$/),
  rgbcolor: pattern(/^rgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)$/),
  ssn: pattern(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  uri: isUri,
  uuid: pattern(/^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/),
  uuid3: pattern(/^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?3[0-9a-fA-F]{3}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/),
  uuid4: pattern(/^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?4[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}$/),
  uuid5: pattern(/^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?5[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}$/),
};

export const formatCheckFor = (format: string): FormatCheck | undefined => checks[format];

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= lastDay;
}

function isDateTime(text: string): boolean {
  const match = /^(\d{4}-\d{2}-\d{2})[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$/.exec(text);
  return match?.[1] !== undefined && isDate(match[1]);
}

function isCidr(text: string): boolean {
  const slash = text.lastIndexOf("/");
  if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return false;
  const bits = Number(text.slice(slash + 1));
  const address = text.slice(0, slash);
  return ipv4.test(address) ? bits <= 32 : isIpv6(address) && bits <= 128;
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2 || !text.includes(":")) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1);
  const tail = last?.includes(".") ? 1 : 0;
  if (tail === 1 && !ipv4.test(last ?? "")) return false;
  const hex = tail === 1 ? groups.slice(0, -1) : groups;
  const count = hex.length + 2 * tail;
  return hex.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (halves.length === 2 ? count < 8 : count === 8);
}

/** As Go's ParseRequestURI: absolute, or an absolute path. */
function isUri(text: string): boolean {
  if (/[\s\p{Cc}]/u.test(text)) return false;
  return text.startsWith("/") || /^[A-Za-z][A-Za-z0-9+.-]*:./.test(text);
}
