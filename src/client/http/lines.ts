/** A line longer than this is no Kubernetes object: etcd refuses 1.5 MB, our server 3 MB. */
const maxLineBytes = 64 * 1024 * 1024;

/**
 * Splits a byte stream into lines of text, whatever the chunks' borders: a character cut in two is put together again.
 * Empty lines are left out; so is a last one without its newline, which a cut connection leaves half-written.
 *
 * @throws RangeError when a line grows beyond 64 MB.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = textOf([...parts, chunk.subarray(start, end)]);
      parts = [];
      bytes = 0;
      start = end + 1;
      if (line !== "") yield line;
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      bytes += chunk.length - start;
      if (bytes > maxLineBytes) throw new RangeError("a watch line is longer than 64 MB");
    }
  }
}

function textOf(parts: readonly Uint8Array[]): string {
  const [only] = parts;
  const all =
    parts.length === 1 && only !== undefined
      ? Buffer.from(only.buffer, only.byteOffset, only.byteLength)
      : Buffer.concat(parts);
  return all.toString("utf8").trim();
}
