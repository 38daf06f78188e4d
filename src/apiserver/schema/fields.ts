export type Fields = Readonly<Record<string, unknown>>;

/** Path of a member as Kubernetes writes it: `spec.ports[0].name`, `name` at the top. */
export const fieldPath = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
export const indexPath = (path: string, index: number): string => `${path}[${index}]`;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The list with each element mapped; the same list where none changed. */
export function mapSame(list: readonly unknown[], change: (element: unknown) => unknown): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const changed = change(list[index]);
    if (changed === list[index]) continue;
    copy ??= list.slice();
    copy[index] = changed;
  }
  return copy ?? list;
}
