import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BenchError } from '@sai3bench/errors';
import {
  type SizeFile,
  type SizeFileReader,
  sizeFileReader,
  type SizesOfFile,
} from '@sai3bench/workload-config';

/** What has no line end for so long is no table. */
const MAX_LINE_CHARACTERS = 1024 * 1024;

/**
 * Reads the files that a workload takes sizes from, piece by piece: inventories can be larger than memory.
 *
 * @param directory what their paths are relative to
 * @throws BenchError `SIZES_UNREADABLE`, and `SIZES_INVALID` with the number of the line
 */
export async function readSizeFiles(
  files: readonly SizeFile[],
  directory: string,
): Promise<SizesOfFile> {
  const sizes = new Map<string, ReturnType<SizesOfFile>>();
  for (const file of files) {
    const id = JSON.stringify(file);
    if (!sizes.has(id)) sizes.set(id, await readSizes(file, resolve(directory, file.file)));
  }
  return (file) => sizes.get(JSON.stringify(file));
}

async function readSizes(file: SizeFile, path: string): Promise<ReturnType<SizesOfFile>> {
  const reader = sizeFileReader(file);
  let rest = '';
  for await (const text of textOf(file.file, path)) {
    rest = addLines(reader, rest + text);
    if (rest.length > MAX_LINE_CHARACTERS) {
      throw unreadable(file.file, 'one of its lines is too long to be part of a table');
    }
  }
  if (rest !== '') reader.add(rest);
  return reader.finish();
}

/** Adds all lines that have an end, and returns what is left. */
function addLines(reader: SizeFileReader, text: string): string {
  let begin = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
    reader.add(text.slice(begin, text[end - 1] === '\r' ? end - 1 : end));
    begin = end + 1;
  }
  return text.slice(begin);
}

async function* textOf(file: string, path: string): AsyncGenerator<string> {
  const stream = createReadStream(path);
  // What goes wrong with the file reaches whoever reads the text, through the last stream of the pipeline.
  const bytes = file.endsWith('.gz') ? pipeline(stream, createGunzip(), () => undefined) : stream;
  try {
    for await (const text of bytes.setEncoding('utf8')) yield text as string;
  } catch (cause) {
    throw unreadable(
      file,
      'its path is relative to the workload file; it is needed on the host of the controller',
      cause,
    );
  }
}

function unreadable(file: string, hint: string, cause?: unknown): BenchError {
  return new BenchError(`cannot read the file of sizes ${file}`, {
    code: 'SIZES_UNREADABLE',
    class: 'config',
    hint,
    cause,
  });
}
