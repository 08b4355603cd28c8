/** The fields of a line of separated values: commas, semicolons or tabs, with `"` around fields that contain them. */
export function csvFields(line: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const { end, field } = line[at] === '"' ? quotedField(line, at) : plainField(line, at);
    fields.push(field.trim());
    if (end >= line.length) return fields;
    at = end + 1;
  }
}

function plainField(line: string, at: number): { field: string; end: number } {
  const rest = line.slice(at);
  const length = rest.search(/[,;\t]/);
  const end = length < 0 ? line.length : at + length;
  return { field: line.slice(at, end), end };
}

/** Within quotes, two of them stand for one. */
function quotedField(line: string, at: number): { field: string; end: number } {
  let field = '';
  let from = at + 1;
  for (;;) {
    const quote = line.indexOf('"', from);
    if (quote < 0) return { field: field + line.slice(from), end: line.length };
    field += line.slice(from, quote);
    if (line[quote + 1] !== '"') {
      const { end, field: rest } = plainField(line, quote + 1);
      return { field: field + rest, end };
    }
    field += '"';
    from = quote + 2;
  }
}
