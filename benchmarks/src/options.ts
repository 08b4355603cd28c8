import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, type ParseArgsConfig } from 'node:util';

const USAGE_EXIT_CODE = 2;

/**
 * The command line of a benchmark. With `--help` it prints the comment that the benchmark's file begins with, and ends;
 * with options that there are not, it says so, and ends with exit code 2.
 *
 * @param url of the benchmark's file
 */
export function readOptions<const Config extends ParseArgsConfig>(
  url: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  if (process.argv.includes('--help')) {
    console.log(headOf(url));
    process.exit();
  }
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${headOf(url)}`);
    process.exit(USAGE_EXIT_CODE);
  }
}

/** The comment that a file begins with. */
function headOf(url: string): string {
  const lines = readFileSync(fileURLToPath(url), 'utf8').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n');
}
