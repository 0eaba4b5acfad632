/**
 * The append-only file that a restart reads. One JSON object a line; a line is in the file before
 * its transaction is answered, so a killed process forgets nothing that it said. The kernel holds
 * what was written: a crash of the whole machine may lose the last moments.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, renameSync, writeSync }
  from "node:fs";
import { StateError } from "./state_dir.mjs";

const kChunkBytes = 1 << 20;
const kNewline = 0x0a;

export class Journal {
  #path;
  #fd;
  #bytes = 0;

  constructor(path) {
    this.#path = path;
    this.#fd = openSync(path, "a+", 0o600);
  }

  get bytes() {
    return this.#bytes;
  }

  /**
   * The entries in order, to be read once, before the first append. A last line without its end was
   * never answered for: it is cut off. Any other broken line means that the file was damaged.
   */
  * read() {
    const chunk = Buffer.alloc(kChunkBytes);
    let rest = Buffer.alloc(0);
    let position = 0;
    let line = 0;
    for (;;) {
      const got = readSync(this.#fd, chunk, 0, kChunkBytes, position);
      if (got === 0) break;
      position += got;
      let from = 0;
      const text = Buffer.concat([rest, chunk.subarray(0, got)]);
      for (let end = text.indexOf(kNewline); end >= 0; end = text.indexOf(kNewline, from)) {
        line += 1;
        yield this.#parse(text.toString("utf8", from, end), line);
        from = end + 1;
      }
      rest = text.subarray(from);
    }
    this.#bytes = position - rest.length;
    if (rest.length > 0) ftruncateSync(this.#fd, this.#bytes);
  }

  #parse(text, line) {
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${this.#path} is damaged at line ${line}. Restore it, or start with a new `
        + "state directory: the local chain then begins anew.");
    }
  }

  /**
   * Writes one entry. A failure is the end of the process: part of the line may be in the file, and
   * the machine's memory is ahead of it. The next start cuts that part off.
   */
  append(entry) {
    try {
      this.#bytes += this.#write(this.#fd, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      throw new StateError(`${this.#path} cannot be written: ${error.code}. Make room on its disk `
        + "and start again. What was answered is kept.");
    }
  }

  #write(fd, line) {
    const bytes = Buffer.from(line);
    let done = 0;
    while (done < bytes.length) done += writeSync(fd, bytes, done);
    return bytes.length;
  }

  /** Puts these entries in the place of all; the old file stays until the new one is whole. */
  rewrite(entries) {
    const path = `${this.#path}.new`;
    const fd = openSync(path, "w", 0o600);
    let bytes = 0;
    try {
      for (const entry of entries) bytes += this.#write(fd, `${JSON.stringify(entry)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(path, this.#path);
    closeSync(this.#fd);
    this.#fd = openSync(this.#path, "a+", 0o600);
    this.#bytes = bytes;
  }

  close() {
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }
}
