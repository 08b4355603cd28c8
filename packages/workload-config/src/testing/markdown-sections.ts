/** A heading of a Markdown document, and what stands below it up to the next. */
export interface MarkdownSection {
  readonly title: string;
  /** What links to the heading say after `#`. */
  readonly anchor: string;
  readonly tables: readonly MarkdownTable[];
}

/** Cells by the names of their columns, row by row. */
export type MarkdownTable = readonly Readonly<Record<string, string>>[];

/** The sections of a Markdown document. */
export function sectionsOf(markdown: string): MarkdownSection[] {
  const prose = markdown.replaceAll(/^```[^]*?^```$/gm, '');
  return prose.split(/^#+ /m).flatMap((text) => {
    const [title = '', ...lines] = text.split('\n');
    if (title === '') return [];
    const anchor = title.toLowerCase().replaceAll(/[^\w -]/g, '');
    return [{ title, anchor: anchor.replaceAll(' ', '-'), tables: tablesOf(lines) }];
  });
}

/** The blocks of code in a language. */
export function codeBlocks(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm);
  return [...blocks].flatMap(([, name, code = '']) => (name === language ? [code] : []));
}

/** What a text has between backticks. */
export function codeSpans(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

function tablesOf(lines: readonly string[]): MarkdownTable[] {
  const tables: Record<string, string>[][] = [];
  let columns: string[] | undefined;
  for (const line of lines) {
    if (!line.startsWith('|')) {
      columns = undefined;
    } else if (columns === undefined) {
      columns = cellsOf(line);
      tables.push([]);
    } else if (!/^[|\s:-]+$/.test(line)) {
      const cells = cellsOf(line);
      tables.at(-1)?.push(Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? ''])));
    }
  }
  return tables;
}

function cellsOf(line: string): string[] {
  const cells = line.split('|').map((cell) => cell.trim());
  return cells.slice(1, -1);
}
