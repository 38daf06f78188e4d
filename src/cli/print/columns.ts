const minimumWidth = 6;
const padding = 3;

/**
 * Rows in columns as kubectl sets them: each column as wide as its longest cell plus three, at least six; the last cell
 * is not padded. Cells are made one line.
 */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths = columnWidths(rows);
  return rows.map((row) => formatRow(row, widths)).join("");
}

export function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, [...cell].length);
    });
  }
  return widths;
}

/** One row with its newline. A cell longer than its column pushes the rest to the right. */
export function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, index) =>
    index === row.length - 1 ? cell : cell.padEnd(Math.max((widths[index] ?? 0) + padding, minimumWidth)),
  );
  return `${cells.join("")}\n`;
}
